import type { ReportModel } from '../../domain/report-model.ts';
import {
  connectorsTable,
  notesTable,
  partitionsTable,
  servicesTable,
  topicsTable,
  warningsTable,
} from './lab-tables.ts';
import { commitsTable, groupsTable, positionsTable, seedsTable, watermarksTable } from './offset-tables.ts';
import { checksTable, forecastTable, ledgerTables, movesTable } from './outcome-tables.ts';
import type { Table } from './table.ts';

/** The tables that answer "is it good, and what did it cost", in reading order. Empty ones are left out. */
export function resultTables(model: ReportModel): readonly Table[] {
  return filled([
    movesTable(model),
    forecastTable(model),
    ...ledgerTables(model),
    groupsTable(model),
    positionsTable(model),
    checksTable(model),
    warningsTable(model),
  ]);
}

/** The tables for those who look into how it was done. Empty ones are left out. */
export function detailTables(model: ReportModel): readonly Table[] {
  return filled([
    commitsTable(model),
    watermarksTable(model),
    seedsTable(model),
    partitionsTable(model),
    connectorsTable(model),
    servicesTable(model),
    topicsTable(model),
    notesTable(model),
  ]);
}

const filled = (tables: readonly Table[]): readonly Table[] => tables.filter((table) => table.rows.length > 0);
