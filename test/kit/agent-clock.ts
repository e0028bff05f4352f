import { docker } from "./engine.ts";

const service = "/run/service/certificate-agent";
const folder = "/run/certificate-agent";

/**
 * The clock of a stack's certificate agent, which a test moves instead of waiting for days: the image's own program runs in
 * its container as before, and reads the time's offset from a file. Its supervisor starts it as people have it when this ends.
 */
export class AgentClock implements AsyncDisposable {
  readonly #container: string;

  private constructor(container: string) {
    this.#container = container;
  }

  static async of(container: string): Promise<AgentClock> {
    await docker("exec", container, "s6-svc", "-wD", "-d", service);
    const clock = new AgentClock(container);
    await clock.move(0);
    const program = `echo $$ >${folder}/pid; exec certificate-agent -in-use ${folder}/in-use >/proc/1/fd/1 2>&1`;
    const environment = ["--env", `MAILDOMAIN_CLOCK=${folder}/clock`];
    await docker("exec", "--detach", ...environment, container, "sh", "-c", program);
    return clock;
  }

  /** @param days - from the real time */
  async move(days: number): Promise<void> {
    const seconds = Math.round(days * 86_400);
    const write = `echo ${seconds} >${folder}/clock.new && mv ${folder}/clock.new ${folder}/clock`;
    await docker("exec", this.#container, "sh", "-c", write);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const end = `pid=$(cat ${folder}/pid); kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done`;
    await docker("exec", this.#container, "sh", "-c", end);
    await docker("exec", this.#container, "s6-svc", "-wu", "-u", service);
  }
}
