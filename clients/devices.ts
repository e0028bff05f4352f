/** What people read the set-up page on, in the page's order. */
export const devices = ["ios", "android", "windows", "mac", "linux"] as const;
export type Device = (typeof devices)[number];

/** By what a browser says of itself; the first one that matches. An Android says Linux too, and an iPad may say that it is a Mac. */
export const userAgents: Readonly<Record<Device, RegExp>> = {
  ios: /iphone|ipad|ipod/,
  android: /android/,
  windows: /windows/,
  mac: /macintosh|mac os x/,
  linux: /linux|x11|cros/,
};

/** The programs that run on each, the most usual one first. */
export const programsOf = {
  ios: ["apple-mail", "outlook-mobile"],
  android: ["gmail", "k-9", "outlook-mobile"],
  windows: ["outlook", "thunderbird", "em-client", "seamonkey"],
  mac: ["apple-mail", "outlook", "thunderbird", "em-client"],
  linux: ["thunderbird", "evolution", "seamonkey"],
} as const satisfies Readonly<Record<Device, readonly string[]>>;
export type Program = (typeof programsOf)[Device][number];
