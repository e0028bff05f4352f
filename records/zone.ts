/** How long others may keep a record of which nothing is declared, in seconds. */
export const defaultTtl = 3600;
