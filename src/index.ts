/// <reference lib="esnext.disposable" preserve="true" />

/**
 * kmk as a library: what the commands do, as functions that answer with their JSON documents. Every function takes a
 * config (path or content), an AbortSignal and an event listener, and rejects with a KmkError (docs/ERRORS.md).
 */
export * from './library/inspect.ts';
export * from './library/lab.ts';
export * from './library/offsets.ts';
export * from './library/records.ts';
export * from './library/watch.ts';
export type { KmkOptions, Progress } from './library/options.ts';
export type { FlowAction } from './app/flows/control-flow.ts';
export type { StartPoint } from './app/consume/start-positions.ts';
export type { SimulatedDisaster } from './domain/fault.ts';
export type { ResetScope } from './app/groups/reset-group.ts';
export type { Direction } from './app/offsets/translate-offsets.ts';
export type { Compression } from './app/ports/record-client.ts';
export type * from './domain/active-document.ts';
export type * from './domain/documents.ts';
export type * from './domain/listing-documents.ts';
export type { GroupCarriage } from './domain/group-carriage.ts';
export type { MoveKind, PlanAssumptions, PlanDocument, PlanStep } from './domain/plan/plan.ts';
export type * from './domain/watch/document.ts';
export type { ResetTarget } from './domain/group-reset.ts';
export type { ReportModel } from './domain/report-model.ts';
export type { EventData, EventLevel, EventName } from './domain/events.ts';
export type { ErrorCode, ErrorContext, ErrorKind } from './domain/errors.ts';
export { EXIT_CODES, KmkError } from './domain/errors.ts';
