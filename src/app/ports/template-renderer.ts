import type { Flow } from '../../domain/setup.ts';
import type { Layout } from '../../domain/lab/layout.ts';

export interface RenderedFile {
  /** Relative to the directory of the rendered files, with "/" as separator. */
  readonly path: string;
  readonly content: string;
}

/** Turns a layout into files by the Handlebars templates. Pure: writes nothing. */
export interface TemplateRenderer {
  /** `kafka/<service>.properties`, one per broker. */
  brokers(layout: Layout): readonly RenderedFile[];
  /** `connect/<service>.properties`, one per Connect worker. */
  workers(layout: Layout): readonly RenderedFile[];
  /** `connect/<source>-<target>/{source,checkpoint,heartbeat}.{json,properties}` for each flow. */
  connectors(layout: Layout, flows: readonly Flow[]): readonly RenderedFile[];
  /** `mm2/mm2.properties` for dedicated mode. */
  mm2(layout: Layout): readonly RenderedFile[];
  /** `docker-compose.yml` and what it mounts; the layout must be a compose one. */
  compose(layout: Layout): readonly RenderedFile[];
}
