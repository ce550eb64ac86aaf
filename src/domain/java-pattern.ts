/**
 * What can be said about a java.util.regex pattern without a JVM. MM2 takes such patterns for topics and groups and
 * matches whole names with them. The rules follow Pattern of Java 17 and were compared with it on random patterns.
 */
export interface JavaPatternFinding {
  /** Why Java refuses the pattern too, or null. Never a false alarm: what is uncertain passes. */
  readonly error: string | null;
  /** Syntax that only Java has and that kmk can not evaluate (`(?i)`, `a*+`, `\A`, nested classes), or null. */
  readonly javaOnly: string | null;
}

/** Escapes that JavaScript reads differently or not at all. */
const JAVA_ESCAPES = /^[AZzGhHRXNeapPvVE0]/;

interface Scan {
  readonly text: string;
  at: number;
  javaOnly: string | null;
}

/** Thrown inside the scanner only. */
class RefusedPattern extends Error {}

export function inspectJavaPattern(pattern: string): JavaPatternFinding {
  const scan: Scan = { text: unquote(pattern), at: 0, javaOnly: null };
  try {
    scanPattern(scan);
  } catch (error) {
    if (!(error instanceof RefusedPattern)) throw error;
    return { error: error.message, javaOnly: scan.javaOnly };
  }
  return { error: null, javaOnly: scan.javaOnly ?? (toRegExp(pattern) === null ? 'its syntax' : null) };
}

/** A test for whole names as Java's `matches` would answer; null where the pattern is wrong or Java-only. */
export function compileJavaPattern(pattern: string): ((name: string) => boolean) | null {
  const { error, javaOnly } = inspectJavaPattern(pattern);
  if (error !== null || javaOnly !== null) return null;
  const expression = toRegExp(pattern);
  return expression === null ? null : (name) => expression.test(name);
}

/** `\Q..\E` written as escaped characters, as Pattern.RemoveQEQuoting does before it parses. */
function unquote(pattern: string): string {
  return pattern.replace(/\\Q([^]*?)(?:\\E|$)|\\[^]/g, (found: string, body?: string) =>
    body === undefined ? found : body.replace(/[^A-Za-z0-9]/g, '\\$&'),
  );
}

function toRegExp(pattern: string): RegExp | null {
  try {
    return new RegExp(`^(?:${unquote(pattern)})$`);
  } catch {
    return null;
  }
}

function scanPattern(scan: Scan): void {
  let depth = 0;
  // Whether a quantifier may follow.
  let atom = false;
  while (scan.at < scan.text.length) {
    const char = scan.text.charAt(scan.at);
    if (char === '(') {
      const opened = openGroup(scan);
      if (opened === 'comments') return;
      if (opened === 'group') depth += 1;
      atom = false;
    } else if (char === ')') {
      if (depth === 0) throw new RefusedPattern('has a ")" without a "("');
      depth -= 1;
      scan.at += 1;
      atom = true;
    } else if (char === '|') {
      scan.at += 1;
      atom = false;
    } else if (char === '*' || char === '+' || char === '?') {
      if (!atom) throw new RefusedPattern(`has a "${char}" with nothing to repeat`);
      scan.at += 1;
      suffix(scan);
      atom = false;
    } else if (char === '{') {
      braces(scan);
      atom = false;
    } else {
      scan.at += 1;
      if (char === '\\') escape(scan);
      if (char === '[') scanClass(scan);
      atom = true;
    }
  }
  if (depth > 0) throw new RefusedPattern('has a "(" without a ")"');
}

/** `(?x)` turns comments on: what follows can not be told apart from text, so the scan ends there. */
function openGroup(scan: Scan): 'group' | 'flags' | 'comments' {
  const flags = /^\(\?([a-zA-Z-]*)([:)])/.exec(scan.text.slice(scan.at));
  if (flags !== null && flags[0] !== '(?:') {
    scan.javaOnly ??= flags[0];
    if (flags[1]?.includes('x') === true) return 'comments';
    scan.at += flags[0].length;
    return flags[2] === ')' ? 'flags' : 'group';
  }
  const special = /^\(\?(?:<[a-zA-Z][a-zA-Z0-9]*>|<?[=!]|[:>])/.exec(scan.text.slice(scan.at))?.[0];
  if (special === '(?>') scan.javaOnly ??= special;
  scan.at += special?.length ?? 1;
  return 'group';
}

/** After a quantifier: `?` is lazy, `+` is possessive and Java's alone. */
function suffix(scan: Scan): void {
  const char = scan.text.charAt(scan.at);
  if (char === '+') scan.javaOnly ??= 'a possessive quantifier';
  if (char === '+' || char === '?') scan.at += 1;
}

function braces(scan: Scan): void {
  const counted = /^\{(\d+)(?:,(\d*))?\}/.exec(scan.text.slice(scan.at));
  if (counted === null)
    throw new RefusedPattern('has a "{" that is no repetition such as {2} (write \\{ for the character)');
  const [whole, min, max] = counted;
  if (max !== undefined && max !== '' && Number(max) < Number(min))
    throw new RefusedPattern(`has the empty range ${whole}`);
  scan.at += whole.length;
  suffix(scan);
}

/** From behind a backslash to behind what it escapes. */
function escape(scan: Scan): void {
  const rest = scan.text.slice(scan.at);
  if (rest === '') throw new RefusedPattern('ends with a single backslash');
  if (JAVA_ESCAPES.test(rest) || /^(?:x\{|b\{)/.test(rest)) scan.javaOnly ??= `\\${rest.charAt(0)}`;
  const braced = /^(?:[pPNxb]\{[^}]*\}|k<[^>]*>)/.exec(rest)?.[0];
  // `\c(` is the control character of "(": its operand is no syntax.
  scan.at += braced?.length ?? (rest.startsWith('c') ? 2 : 1);
}

/** From behind a `[` to behind its `]`. A `]` that comes first is a character; classes nest and intersect in Java. */
function scanClass(scan: Scan): void {
  if (scan.text.charAt(scan.at) === '^') scan.at += 1;
  for (let first = true; scan.at < scan.text.length; first = false) {
    const char = scan.text.charAt(scan.at);
    scan.at += 1;
    if (char === '\\') escape(scan);
    if (char === ']' && !first) return;
    if (char === ']') scan.javaOnly ??= '"]" at the start of a class';
    if (char === '[') {
      scan.javaOnly ??= 'a nested class';
      scanClass(scan);
    }
    if (char === '&' && scan.text.charAt(scan.at) === '&') scan.javaOnly ??= '&&';
  }
  throw new RefusedPattern('has a "[" without a "]"');
}
