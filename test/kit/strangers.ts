import type { StrangerZone } from "./mail-network.ts";

const address = (name: string, content: string) => ({ name, type: "A" as const, content });
const text = (name: string, content: string) => ({ name, type: "TXT" as const, content });

/** Domains elsewhere whose mail comes from outside of the network, each with another policy. */
export const strangers: readonly StrangerZone[] = [
  // No policy at all, as most have none.
  { name: "plain.test", records: (outside) => [address("plain.test", outside)] },
  {
    name: "strict.test",
    records: (outside) => [
      address("strict.test", outside),
      text("strict.test", `v=spf1 ip4:${outside} -all`),
      text("_dmarc.strict.test", "v=DMARC1; p=reject"),
    ],
  },
  {
    name: "np.test",
    records: (outside) => [
      address("there.np.test", outside),
      text("_dmarc.np.test", "v=DMARC1; p=none; np=reject"),
    ],
  },
  {
    name: "sp.test",
    records: (outside) => [
      address("there.sp.test", outside),
      text("_dmarc.sp.test", "v=DMARC1; p=none; sp=quarantine; np=none"),
    ],
  },
  {
    name: "psd.test",
    records: () => [
      text("_dmarc.psd.test", "v=DMARC1; p=none; psd=y; np=reject"),
      text("_dmarc.own.psd.test", "v=DMARC1; p=none; psd=n"),
    ],
  },
  { name: "silent.test", records: () => [], silent: true },
];
