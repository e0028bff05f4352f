import { expect, test } from "vitest";
import { parseResident } from "../../bench/certificates.ts";

const status = (name: string, resident: string) =>
  `Name:\t${name}\nUmask:\t0022\nState:\tS (sleeping)\nVmHWM:\t   20480 kB\n${resident}Threads:\t8\n`;

test("the resident memory of one program among those of a container", () => {
  const text = [
    status("s6-svscan", "VmRSS:\t    1024 kB\n"),
    status("certificate-age", "VmRSS:\t   12288 kB\n"),
    // A kernel's thread has none.
    status("kthreadd", ""),
  ].join("");
  expect(parseResident(text, "certificate-agent")).toBe(12);
  expect(() => parseResident(text, "nginx")).toThrow("0 processes are nginx");
  expect(() => parseResident(text + text, "certificate-agent")).toThrow("2 processes are certificate-agent");
});
