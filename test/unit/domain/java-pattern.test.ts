import { describe, expect, it } from 'vitest';
import { compileJavaPattern, inspectJavaPattern } from '../../../src/domain/java-pattern.ts';

/** Pattern.compile of Java 17.0.15 takes these ... */
const JAVA_TAKES = String.raw`.* orders orders\..* a|b (a|b)+ [a-z]+ a{2} a{2}{3} {3} ] } []a] [^]] ^* $+ (?:)* (|a)+ a*? \( [(]
  \[ \Q(\E \Q[ a*+ a++ (?i)a (?>a)b [a[b]] [a&&b] \p{L}+ \Aa\z \x{41} (?<n>a)\k<n> (?=a)a (?<!b)a a(?x)#( \c( \Q\E`;
/** ... and throws on these. */
const JAVA_REFUSES = String.raw`( ) (a a) [ [a [a[b] [] * *a + ? a** a+++ a|* |* (*a) (?:*) (?i)* { a{ a{x} a{2 a{3}* a\ \Q\E* a{2}++`;

describe('Java patterns', () => {
  it.each(JAVA_TAKES.split(/\s+/))('takes %s', (pattern) => {
    expect(inspectJavaPattern(pattern).error).toBeNull();
  });

  it.each(JAVA_REFUSES.split(/\s+/))('refuses %s', (pattern) => {
    expect(inspectJavaPattern(pattern).error).not.toBeNull();
    expect(compileJavaPattern(pattern)).toBeNull();
  });

  it.each(['a*+', '(?i)a', '(?>a)', '[a[b]]', '[a&&b]', '\\p{L}', '\\Aa', '\\x{41}', '[]a]', '{3}', 'a(?x) # ('])(
    'can not evaluate %s without a JVM',
    (pattern) => {
      expect(inspectJavaPattern(pattern)).toMatchObject({ error: null, javaOnly: expect.any(String) as string });
      expect(compileJavaPattern(pattern)).toBeNull();
    },
  );

  it.each([
    ['orders', 'orders', true],
    ['orders', 'orders2', false],
    ['orders', 'my-orders', false],
    ['a|b', 'b', true],
    ['a|b', 'ab', false],
    ['orders\\..*', 'orders.eu', true],
    ['orders\\..*', 'ordersXeu', false],
    ['\\Qa.b\\E+', 'a.bb', true],
    ['\\Qa.b\\E', 'axb', false],
  ])('matches whole names: %s on %s is %s', (pattern, name, matches) => {
    expect(compileJavaPattern(pattern)?.(name)).toBe(matches);
  });
});
