import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type Handlebars from 'handlebars';
import {
  escapeComment,
  escapeCompose,
  escapeJson,
  escapePropertyKey,
  escapePropertyValue,
  escapeShell,
  escapeYaml,
} from './escape.ts';

/** `templates/` of the package: two levels up both from src/render and from dist/render. */
const TEMPLATES = new URL('../../templates/', import.meta.url);

const PARTIALS = ['header', 'sections'] as const;

/** The escape helpers of the templates; each takes one value. A template never prints a value without one. */
const HELPERS: Readonly<Record<string, (value: string) => string>> = {
  propertyKey: escapePropertyKey,
  propertyValue: escapePropertyValue,
  comment: escapeComment,
  json: escapeJson,
  yaml: escapeYaml,
  compose: escapeCompose,
  shell: escapeShell,
};

/** Fills the template of that path below `templates/`, without its `.hbs`. */
export type FillTemplate = (template: string, view: object) => string;

/**
 * A Handlebars environment of its own. Handlebars is loaded at the first template and each template compiled once:
 * commands that render nothing pay for neither. A name that the view lacks throws.
 */
export function createTemplateEngine(): FillTemplate {
  const compiled = new Map<string, Handlebars.TemplateDelegate>();
  let engine: typeof Handlebars | undefined;
  return (template, view) => {
    let fill = compiled.get(template);
    if (fill === undefined) {
      engine ??= loadHandlebars();
      fill = engine.compile(read(template), {
        strict: true,
        noEscape: true,
        knownHelpersOnly: true,
        knownHelpers: Object.fromEntries(Object.keys(HELPERS).map((name) => [name, true])),
      });
      compiled.set(template, fill);
    }
    return fill(view);
  };
}

function loadHandlebars(): typeof Handlebars {
  // A synchronous require keeps the port synchronous; handlebars is CommonJS anyway.
  const handlebars = createRequire(import.meta.url)('handlebars') as typeof Handlebars;
  const engine = handlebars.create();
  for (const [name, escape] of Object.entries(HELPERS)) {
    engine.registerHelper(name, (value: unknown) => escape(present(name, value)));
  }
  refuseAbsentLists(engine);
  for (const name of PARTIALS) engine.registerPartial(name, read(`partials/${name}`));
  return engine;
}

/** Handlebars' strict mode leaves the arguments of helpers out: an absent name would print "undefined". */
function present(helper: string, value: unknown): string {
  if (typeof value !== 'string') throw new Error(`the template gives {{${helper}}} ${String(value)}, not a text`);
  return value;
}

/** For the same reason `each` over an absent name would print nothing. */
function refuseAbsentLists(engine: typeof Handlebars): void {
  const each = engine.helpers['each'];
  if (each === undefined) throw new Error('handlebars has no "each"');
  engine.registerHelper('each', function (this: unknown, list: unknown, options: Handlebars.HelperOptions): unknown {
    if (!Array.isArray(list)) throw new Error(`the template gives {{#each}} ${String(list)}, not a list`);
    return each.call(this, list, options) as unknown;
  });
}

function read(template: string): string {
  return readFileSync(fileURLToPath(new URL(`${template}.hbs`, TEMPLATES)), 'utf8');
}
