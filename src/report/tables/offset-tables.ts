import type { ReportGroup, ReportGroupPosition, ReportModel } from '../../domain/report-model.ts';
import { formatCount, formatMoment } from '../format.ts';
import { cell, columns, toneOf } from './table.ts';
import type { Table } from './table.ts';

const SAMPLED = 'last sample';

export function groupsTable(model: ReportModel): Table {
  const judged = model.groups.filter((group) => group.context !== null);
  return {
    id: 'groups',
    title: 'Consumer groups',
    about: 'Redelivered: processed again after the move. Skipped: acknowledged records that the group never processed.',
    columns: columns('seen by', 'group', 'type', 'state', '#redelivered', '#skipped'),
    rows: judged.map((group) => [
      cell(group.context),
      cell(group.group),
      cell(group.type),
      cell(group.state),
      cell(formatCount(group.redelivered), (group.redelivered ?? 0) > 0 ? 'warn' : null),
      cell(formatCount(group.skipped), (group.skipped ?? 0) > 0 ? 'bad' : null),
    ]),
    footer: null,
  };
}

export function positionsTable(model: ReportModel): Table {
  return {
    id: 'group-positions',
    title: 'Group positions on both sides',
    about:
      'Committed on the source, committed on the target, and how the second stands to the first: behind redelivers, ' +
      'ahead skips. "Behind by" is counted in records of the target.',
    columns: columns(
      'seen by',
      'group',
      'topic',
      'remote topic',
      '#partition',
      '#on source',
      '#on target',
      '#best known',
      'proof',
      'verdict',
      '#behind by',
    ),
    rows: model.groups.flatMap((group) => group.positions.map((at) => positionRow(group, at))),
    footer: null,
  };
}

function positionRow(group: ReportGroup, at: ReportGroupPosition) {
  return [
    cell(group.context ?? SAMPLED),
    cell(group.group),
    cell(at.topic),
    cell(at.remoteTopic),
    cell(String(at.partition)),
    cell(at.committed),
    cell(at.targetCommitted),
    cell(at.best),
    cell(at.proof),
    cell(at.reason === null ? at.verdict : `${at.verdict ?? ''}: ${at.reason}`, toneOf(at.verdict ?? '')),
    cell(formatCount(at.behindBy)),
  ];
}

export function commitsTable(model: ReportModel): Table {
  return {
    id: 'offsets-committed',
    title: 'Offsets that kmk committed',
    about: 'Each one was read back. Proof tells how the offset is known to be right.',
    columns: columns('#at', 'cluster', 'group', 'topic', '#partition', '#previous', '#committed', 'proof'),
    rows: model.offsetsCommitted.map((commit) => [
      cell(formatMoment(commit.atMs), 'muted'),
      cell(commit.cluster),
      cell(commit.group),
      cell(commit.topic),
      cell(String(commit.partition)),
      cell(commit.previous),
      cell(commit.offset),
      cell(commit.proof),
    ]),
    footer: null,
  };
}

export function watermarksTable(model: ReportModel): Table {
  return {
    id: 'watermarks',
    title: 'Watermarks',
    about: 'Where replication stood at the failover: the next offset on the source and the one it has on the target.',
    columns: columns('source', 'target', 'topic', '#partition', '#on source', '#on target', '#at'),
    rows: model.watermarks.map((mark) => [
      cell(mark.source),
      cell(mark.target),
      cell(mark.topic),
      cell(String(mark.partition)),
      cell(mark.u),
      cell(mark.d),
      cell(formatMoment(mark.atMs), 'muted'),
    ]),
    footer: null,
  };
}

export function seedsTable(model: ReportModel): Table {
  return {
    id: 'seeds',
    title: 'Seeded positions of reverse flows',
    about:
      'The source offsets that a flow was created with; it resumes one record after them and copies nothing twice.',
    columns: columns('flow', 'topic', '#partition', '#offset', '#at'),
    rows: model.seeds.map((seed) => [
      cell(seed.flow),
      cell(seed.topic),
      cell(String(seed.partition)),
      cell(seed.offset),
      cell(formatMoment(seed.atMs), 'muted'),
    ]),
    footer: null,
  };
}
