/** What is made from the components' types: the schema, and docs/components.md from it. */
import { join } from "node:path";
import { projectFolder } from "../toolchain/versions.ts";
import { examples } from "./example-program.ts";
import { anything, type PackageSchema, type Property, packageSchema, schemaFile } from "./schema.ts";

/** Each file with what it is to say. */
export function schemaFiles(): [file: string, text: string][] {
  const schema = packageSchema();
  return [
    [schemaFile, `${JSON.stringify(schema, undefined, 2)}\n`],
    [join(projectFolder, "docs/components.md"), componentsPage(schema)],
  ];
}

export function componentsPage({ resources, types }: PackageSchema): string {
  const sections = Object.entries(resources).map(([token, resource]) => {
    const name = shortName(token);
    const [summary = "", ...rest] = withoutCode(resource.description).split("\n\n");
    return `## ${name}

${[summary, ...rest].join("\n\n").trim()}

${examplesOf(name)}
| argument | type | |
|---|---|---|
${rows(resource.inputProperties, resource.requiredInputs, ", *later*")}
| output | type | |
|---|---|---|
${rows(resource.properties, [], "")}`;
  });
  const objects = Object.entries(types).map(
    ([token, { description, properties, required }]) => `### ${shortName(token)}

${description === undefined ? "" : `${description}\n\n`}| | type | |
|---|---|---|
${rows(properties, required ?? [], ", *later*")}`,
  );
  return `# Components

Written by \`npm run package\` from the components' types, and checked by \`npm run check\`.

Every component in the languages of Pulumi: the names are those of TypeScript, C#, Java and YAML; Python writes \`host_name\` for
\`hostName\`, and Go \`HostName\`. **Bold** arguments are needed. What is *later* may be known only once another
resource is there; all else is plain, since it decides which resources exist. In TypeScript there are more: \`nodes\`, a \`rollout\`, a
certificate of any other origin, and \`DnsZones\` takes each domain's \`recordDescription\`, \`LocalDnsServer\` its \`localZones\`.
CertificateAuthority, ServerCertificate, DnssecKey and AcmeAccount are resources: components make the second and third by themselves,
and \`pulumi import\` takes over the first three from a file.

${sections.join("\n")}
## Types

${objects.join("\n")}`;
}

function examplesOf(name: string): string {
  return Object.entries(examples.get(name) ?? {})
    .map(([language, text]) => `\`\`\`${language}\n${text}\`\`\`\n`)
    .join("\n");
}

/** @param later - what is said of a value that need not be plain. */
function rows(
  properties: Readonly<Record<string, Property>>,
  required: readonly string[],
  later: string,
): string {
  return Object.entries(properties)
    .map(([name, property]) => {
      const text = (property.description ?? "").replaceAll("\n", " ").replaceAll("|", "\\|");
      return `| ${required.includes(name) ? `**${name}**` : name} | ${typeOf(property, later)} | ${text} |\n`;
    })
    .join("");
}

function typeOf(property: Property, later: string): string {
  const { type, $ref, oneOf, items, additionalProperties, plain } = property;
  if (oneOf !== undefined) return oneOf.map((each) => typeOf(each, later)).join(" or ");
  if ($ref === anything) return "a component";
  if ($ref !== undefined) return `[${shortName($ref)}](#${shortName($ref).toLowerCase()})`;
  if (items !== undefined) return `list of ${typeOf(items, later)}`;
  if (additionalProperties !== undefined) return `map of ${typeOf(additionalProperties, later)}`;
  return `${type}${plain === true ? "" : later}`;
}

function shortName(token: string): string {
  return token.split(":").at(-1) ?? token;
}

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?```\n*/g, "");
}
