import { outputsSchema } from "../outputs/schema.ts";
import { type IssuerInForce, issuerStep } from "../stages/issuer-step.ts";
import { formatSteps, nextSteps, type StackStages } from "../stages/next-steps.ts";
import { print } from "../toolchain/print.mjs";
import { ToolchainError } from "../toolchain/step.ts";
import { stateSteps } from "../toolchain/steps.ts";
import { type Command, jsonOption, stackOption, textOf } from "./command.ts";
import { stackOutputs } from "./pulumi.ts";

/** Shows who issues a stack's certificates, and of each key and policy the stage, the next step, and when it is safe. */
export const command: Command = {
  usage: "[--stack NAME] [--json]",
  options: { ...stackOption, ...jsonOption },
  setUp: stateSteps,

  async run(call) {
    const stack = textOf(call, "stack");
    const outputs = await stackOutputs(stack);
    const issuer = parseIssuer(outputs);
    const steps = [...(issuer === undefined ? [] : [issuerStep(issuer)]), ...nextSteps(parseStages(outputs))];
    print(
      call.values.json === true
        ? `${JSON.stringify({ version: 1, stack, stages: steps }, undefined, 2)}\n`
        : formatSteps(steps, new Date()),
    );
    return 0;
  },
};

/** @internal Undefined where the stack was last deployed by a version that says nothing of it. */
export function parseIssuer(outputs: unknown): IssuerInForce | undefined {
  const parsed = outputsSchema
    .pick({ stages: true, certificateIssuer: true, acme: true, containers: true })
    .safeParse(outputs);
  const hostName = parsed.data?.stages.servers[0]?.hostName;
  if (!parsed.success || hostName === undefined) return undefined;
  const { certificateIssuer: issuer, acme, containers } = parsed.data;
  // Only a lab has servers that are shown each other elsewhere than the world sees them.
  const isLab = typeof containers.innerDnsServer === "string";
  return { hostName, issuer, directory: acme?.directory, awaited: acme?.awaited, isLab };
}

/** @internal @throws ToolchainError where the stack was last deployed before there were stages. */
export function parseStages(outputs: unknown): StackStages {
  const parsed = outputsSchema.pick({ stages: true }).safeParse(outputs);
  if (parsed.success) return parsed.data.stages;
  throw new ToolchainError("The stack has no stages yet: run `npm run up` first.");
}
