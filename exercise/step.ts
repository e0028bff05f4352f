/** The steps of the lesson, in their order: docs/aula.md, docs/lesson.md. */
export const stepNames = [
  "server",
  "names",
  "client",
  "message",
  "forgery",
  "spf",
  "mx",
  "dkim",
  "port",
  "password",
  "certificate",
] as const;
export type StepName = (typeof stepNames)[number];

/** The steps in which a record is broken at the name server, and has to be found and repaired. */
export const recordFaults = ["spf", "mx", "dkim"] as const satisfies readonly StepName[];
export type RecordFault = (typeof recordFaults)[number];

/** Minutes of a lesson of 50. */
export const minutes: Readonly<Record<StepName, number>> = {
  server: 5,
  names: 4,
  client: 7,
  message: 4,
  forgery: 4,
  spf: 5,
  mx: 5,
  dkim: 5,
  port: 4,
  password: 3,
  certificate: 4,
};

export function isRecordFault(step: StepName): step is RecordFault {
  return recordFaults.some((fault) => fault === step);
}

export function numberOf(step: StepName): number {
  return stepNames.indexOf(step) + 1;
}

/** @returns undefined for what is neither a step's number nor its name. */
export function stepOf(word: string): StepName | undefined {
  return stepNames.find((name) => name === word) ?? stepNames[/^\d+$/.test(word) ? Number(word) - 1 : -1];
}
