/** How a time is written for people, everywhere the same: in UTC, since a server and its readers are in different places. */

/** @example "2027-01-31" */
export function formatDay(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** @example "2027-01-31 12:00 UTC" */
export function formatMoment(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
