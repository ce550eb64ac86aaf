import { findService } from '../../app/lab/find-service.ts';
import type { Lab } from '../../app/lab/lab.ts';
import type { ServiceInfo } from '../../app/ports/service-runtime.ts';
import { abortError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { logsArgs, logsOptions } from '../definitions/insight.ts';
import { createLinePrinter } from '../line-printer.ts';
import { table } from '../table.ts';

/** Lines of one log as they are; with --follow and no name those of all, each after the name of its service. */
export async function run(
  { args, options }: CommandInput<typeof logsOptions, typeof logsArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const services = await lab.runtime.list();
  const chosen = args.service === undefined ? null : findService(services, args.service);
  if (options.follow) return follow(lab, chosen === null ? services : [chosen], options.lines, context);
  if (chosen === null) return listing(services);
  const lines = await lab.runtime.tail(chosen.name, options.lines);
  const { name, log } = chosen;
  return { document: { schema: 'kmk.logs/v1', service: name, log, lines }, human: () => lines.join('\n') };
}

function listing(services: readonly ServiceInfo[]): CommandResult {
  const columns = ['service', 'state', 'log'].map((title) => ({ title }));
  return {
    document: {
      schema: 'kmk.logs/v1',
      services: services.map(({ name, kind, state, log }) => ({ name, kind, state, log })),
    },
    human: () =>
      table(
        columns,
        services.map(({ name, state, log }) => [name, state, log]),
      ),
  };
}

/** Until Ctrl-C. In JSON each line is a document of its own. */
async function follow(
  lab: Lab,
  services: readonly ServiceInfo[],
  lines: number,
  context: CommandContext,
): Promise<never> {
  const printer = createLinePrinter(context.stdout);
  const width = Math.max(0, ...services.map(({ name }) => name.length));
  const show = (name: string, line: string): string => {
    if (context.output !== 'human') return JSON.stringify({ service: name, line });
    return services.length === 1 ? line : `${context.paint.faint(`${name.padEnd(width)} |`)} ${line}`;
  };
  await Promise.all(
    services.map(({ name }) =>
      lab.runtime.follow(name, lines, (line) => void printer.line(show(name, line)), context.signal),
    ),
  );
  await printer.flush();
  throw abortError(context.signal);
}
