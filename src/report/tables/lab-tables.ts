import type { ReportModel } from '../../domain/report-model.ts';
import { formatCount, formatDuration, formatMoment } from '../format.ts';
import { cell, columns, toneOf } from './table.ts';
import type { Table } from './table.ts';

export function warningsTable(model: ReportModel): Table {
  return {
    id: 'warnings',
    title: 'Warnings',
    about: 'What kmk warned about while it worked.',
    columns: columns('#at', 'warning', 'what to do'),
    rows: model.warnings.map((warning) => [
      cell(formatMoment(warning.atMs), 'muted'),
      cell(warning.text, 'warn'),
      cell(warning.hint),
    ]),
    footer: null,
  };
}

export function notesTable(model: ReportModel): Table {
  return {
    id: 'notes',
    title: 'Notes',
    about: 'What kmk said while it worked.',
    columns: columns('#at', 'note'),
    rows: model.notes.map((note) => [cell(formatMoment(note.atMs), 'muted'), cell(note.text)]),
    footer: null,
  };
}

export function partitionsTable(model: ReportModel): Table {
  return {
    id: 'log-ends',
    title: 'Log ends on both sides',
    about: 'The last snapshot of each partition. The offsets of the two sides need not be equal.',
    columns: columns('topic', 'remote topic', '#partition', '#end on source', '#end on target', '#at'),
    rows: model.partitions.map((at) => [
      cell(at.topic),
      cell(at.remoteTopic),
      cell(String(at.partition)),
      cell(at.sourceEnd),
      cell(at.remoteEnd),
      cell(formatMoment(at.atMs), 'muted'),
    ]),
    footer: null,
  };
}

export function connectorsTable(model: ReportModel): Table {
  return {
    id: 'connectors',
    title: 'State changes of connectors',
    about: 'As the Connect workers reported them.',
    columns: columns('#at', 'flow', 'connector', 'state'),
    rows: model.connectors.map((change) => [
      cell(formatMoment(change.atMs), 'muted'),
      cell(change.flow),
      cell(change.connector),
      cell(change.state, toneOf(change.state)),
    ]),
    footer: null,
  };
}

export function servicesTable(model: ReportModel): Table {
  return {
    id: 'services',
    title: 'Services',
    about: 'Starts and stops of brokers and workers.',
    columns: columns('#at', 'service', 'kind', 'change', 'endpoint', '#ready after'),
    rows: model.services.map((service) => [
      cell(formatMoment(service.atMs), 'muted'),
      cell(service.name),
      cell(service.kind),
      cell(service.change, toneOf(service.change)),
      cell(service.endpoint),
      cell(formatDuration(service.afterMs)),
    ]),
    footer: null,
  };
}

export function topicsTable(model: ReportModel): Table {
  return {
    id: 'topics-created',
    title: 'Topics created',
    about: 'Topics that kmk created during the run.',
    columns: columns('#at', 'cluster', 'topic', '#partitions'),
    rows: model.topicsCreated.map((topic) => [
      cell(formatMoment(topic.atMs), 'muted'),
      cell(topic.cluster),
      cell(topic.topic),
      cell(formatCount(topic.partitions)),
    ]),
    footer: null,
  };
}
