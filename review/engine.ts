import { identityLabel } from "../naming/engine.ts";
import { stackResources } from "../naming/resources.ts";
import type { Change } from "./change.ts";
import { listOf, type Properties, propertiesOf, type Step, stepsOf, textOf } from "./preview.ts";

const environment = "the environment's";
const stillThere = (place: string) =>
  `all mail and the queue stay on the volumes of the former one${place}, where the servers still accept mail, while the new one has none of it.`;

/**
 * A stack that moves to another Docker Engine, or whose engine has another address. Pulumi shows either as one update of
 * a provider, since it takes what the state knows to be wherever the provider looks; the engine's identity says which.
 *
 * @param isAsked - whether the program could ask the engine for it
 */
export function reviewEngine(steps: readonly Step[], isAsked: boolean): Change[] {
  // A first `up` makes its provider, and a last `down` removes it: then nothing moves. What stays unchanged, as all
  // containers may, is not among the steps.
  const program = steps.find(({ type }) => type === "pulumi:pulumi:Stack")?.operation;
  if (program === "create" || program === "delete") return [];
  const address = addressChange(steps);
  const identity = identityStep(steps);
  const change = { subject: "engine", name: "where the stack runs" } as const;
  if (identity?.operation === "replace") {
    const place = address === undefined ? "" : ` (${address.before})`;
    const reason = `It is another engine, or was installed again: ${stillThere(place)} \`up\` refuses to move the stack; docs/remote-engine.md says how to.`;
    return [
      {
        ...change,
        kind: "replaced",
        ...(address === undefined
          ? {
              property: "identity",
              before: identityIn(identity.before),
              after: identityIn(identity.after),
            }
          : { property: "address", ...address }),
        effect: "All that runs would be made on the other engine.",
        risk: { id: "engine-changed", reason },
      },
    ];
  }
  if (address === undefined) return [];
  const changed = { ...change, kind: "changed", property: "address", ...address } as const;
  // Before its first identity nothing but the address is known of a stack's engine.
  if (isAsked && identity === undefined) {
    return [
      { ...changed, effect: "The same engine, or a copy that has its identity: nothing is made again." },
    ];
  }
  const unasked = isAsked ? "" : " The engine could not be asked, so that only addresses were compared.";
  const reason = `Unless both addresses lead to one engine, ${stillThere(` (${address.before})`)}${unasked} \`up\` asks the engine and stops where it is another one.`;
  return [
    {
      ...changed,
      effect: "The stack moves to another engine, or its engine has another address.",
      risk: { id: "engine-changed", reason },
    },
  ];
}

/** Whether what runs would have to be made on another engine. */
export function movesEngine(steps: readonly Step[]): boolean {
  return identityStep(steps)?.operation === "replace";
}

function addressChange(
  steps: readonly Step[],
): { readonly before: string; readonly after: string } | undefined {
  const step = stepsOf(steps, "pulumi:providers:docker").find(({ name }) => name === stackResources.engine);
  if (step === undefined) return undefined;
  const [before, after] = [step.before, step.after].map(({ host }) => textOf(host) ?? environment);
  return before === undefined || after === undefined || before === after ? undefined : { before, after };
}

function identityStep(steps: readonly Step[]): Step | undefined {
  return stepsOf(steps, "docker:index/volume:Volume").find(({ name }) => name === stackResources.identity);
}

function identityIn({ labels }: Properties): string | undefined {
  const found = listOf(labels)
    .map(propertiesOf)
    .find(({ label }) => label === identityLabel);
  return textOf(found?.value);
}
