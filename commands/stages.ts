import { z } from "zod";
import { DmarcPolicy, MtaStsMode } from "../records/index.ts";
import { formatSteps, nextSteps, type StackStages } from "../stages/next-steps.ts";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { type Command, jsonOption, stackOption, textOf } from "./command.ts";
import { stackOutputs } from "./pulumi.ts";

/** Shows the stage of each key and policy of a stack, the next step, and when it is safe. */
export const command: Command = {
  usage: "[--stack NAME] [--json]",
  options: { ...stackOption, ...jsonOption },
  setUp: stateSteps,

  async run(call) {
    const stack = textOf(call, "stack");
    const steps = nextSteps(parseStages(await stackOutputs(stack)));
    process.stdout.write(
      call.values.json === true
        ? `${JSON.stringify({ version: 1, stack, stages: steps }, undefined, 2)}\n`
        : formatSteps(steps, new Date()),
    );
    return 0;
  },
};

const time = { since: z.iso.datetime(), nextFrom: z.iso.datetime() };
const keys = <InUse extends string>(inUse: InUse) =>
  z.record(z.string(), z.object({ stage: z.enum(["published", inUse, "retired"]), ...time }));

const output = z.object({
  stages: z.object({
    servers: z.array(z.object({ hostName: z.string(), keys: keys("serving") })),
    domains: z.array(
      z.object({
        domain: z.string(),
        dkim: keys("signing"),
        dmarc: z.object({ stage: z.enum(Object.values(DmarcPolicy)), ...time }),
        mtaSts: z
          .object({
            stage: z.enum(Object.values(MtaStsMode)),
            ...time,
            mx: z.array(z.string()),
            maxAge: z.number(),
            bound: z.object({ until: z.string(), mx: z.array(z.string()) }).optional(),
          })
          .nullish()
          .transform((policy) => policy ?? undefined),
      }),
    ),
  }),
});

/** @internal @throws ToolchainError where the stack was last deployed before there were stages. */
export function parseStages(outputs: unknown): StackStages {
  const parsed = output.safeParse(outputs);
  if (parsed.success) return parsed.data.stages;
  throw new ToolchainError("The stack has no stages yet: run `npm run up` first.");
}
