/** One cluster of the lab that the integration tests share. */
export interface TestCluster {
  /** CLIENT listener, plain text. */
  readonly bootstrap: string;
  /** INTERNAL listener, SASL PLAIN as user kmk. */
  readonly adminBootstrap: string;
  /** Password of user kmk. */
  readonly password: string;
}

interface TestLab {
  readonly primary: TestCluster;
  readonly dr: TestCluster;
  /** Directory with the jars of Kafka. */
  readonly libs: string;
}

/** What the global setup started, as JSON in the environment variable KMK_TEST_LAB. */
export function testLab(): TestLab {
  const text = process.env['KMK_TEST_LAB'];
  if (text === undefined) throw new Error('KMK_TEST_LAB is not set: run with `npx vitest run --project integration`');
  return JSON.parse(text) as TestLab;
}

export function labCluster(alias: 'primary' | 'dr'): TestCluster {
  return testLab()[alias];
}
