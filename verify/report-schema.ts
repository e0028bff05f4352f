import { z } from "zod";

const check = z
  .object({
    id: z
      .string()
      .meta({ description: "Stable, unique within a run, such as `tls.imaps.imap.example.org`." }),
    group: z.string().meta({ description: "The heading under which people find it." }),
    title: z.string(),
    why: z.string().meta({ description: "Why a mail domain needs this, with the RFC." }),
    status: z.enum(["ok", "failed", "skipped"]).meta({ description: "`skipped`: could not be checked." }),
    seen: z.string().meta({ description: "What was observed." }),
    remedy: z.string().optional().meta({ description: "How to fix it; absent where the check passed." }),
    milliseconds: z.int().min(0),
  })
  .strict();

/** What `npm run verify -- --json` prints; docs/verify.schema.json is made from it. */
export const reportSchema = z
  .object({
    version: z.literal(1),
    status: z.union([z.literal(0), z.literal(1), z.literal(2)]).meta({
      description:
        "The exit status: 0 all checks passed, 1 something is broken, 2 not everything could be checked.",
    }),
    summary: z.string(),
    checks: z.array(check),
  })
  .strict();

export type JsonReport = z.infer<typeof reportSchema>;
