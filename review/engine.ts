import { stackResources } from "../naming/resources.ts";
import type { Change } from "./change.ts";
import { type Step, stepsOf, textOf } from "./preview.ts";

const environment = "the environment's";

/**
 * A stack that moves to another Docker Engine. Pulumi shows it as one update of a provider, since it takes what the
 * state knows to be wherever the provider looks.
 */
export function reviewEngine(steps: readonly Step[]): Change[] {
  const isNew = !steps.some(({ type, operation }) => type.startsWith("docker:") && operation !== "create");
  // A first `up` makes its provider, and a last `down` removes it: then nothing moves.
  const isLast = !steps.some(({ type, operation }) => type.startsWith("docker:") && operation !== "delete");
  if (isNew || isLast) return [];
  return stepsOf(steps, "pulumi:providers:docker")
    .filter(({ name }) => name === stackResources.engine)
    .flatMap(({ before, after }): Change[] => {
      const [former, next] = [textOf(before.host) ?? environment, textOf(after.host) ?? environment];
      if (former === next) return [];
      const reason =
        `Unless both addresses lead to one engine, all mail and the queue stay on the volumes of the former one (${former}), ` +
        "where the servers still accept mail, while the new one has none of it. `up` asks the engine and stops " +
        "where it is another one.";
      return [
        {
          subject: "engine",
          kind: "changed",
          name: "where the stack runs",
          property: "address",
          before: former,
          after: next,
          effect: "The stack moves to another engine, or its engine has another address.",
          risk: { id: "engine-changed", reason },
        },
      ];
    });
}
