// What depends on the request: the set-up page, answers to Outlook, and Apple's profile. They are made from the address that
// was asked for and the domain's documents alone, so that no answer reveals whether such an address exists.
import crypto from "crypto";
import fs from "fs";
import signedData from "signed-data.js";
import xml from "xml";

const generation = "/run/maildomain/current";
const documents = `${generation}/web`;
const outlookSchema = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
const urlNamespace = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");
const localPart = /^[a-z0-9_'+-]+(\.[a-z0-9_'+-]+)*$/;
const methods = { GET: "GET", HEAD: "GET", POST: "POST" };

/** Autodiscover in plain XML: POST with a request, GET without. */
function autodiscover(r) {
  const method = methods[r.method];
  if (method === undefined) return refuse(r, 405, "GET, HEAD, POST");
  if (method === "GET") return sendXml(r, 200, `${r.variables.domain}/autodiscover.xml`);
  const request = parseRequest(r.requestText);
  if (request === undefined) return sendXml(r, 400, "autodiscover-invalid.xml");
  const address = addressIn(r, request.address);
  const known = request.schema === undefined || request.schema === outlookSchema;
  if (!known || address === undefined) return sendXml(r, 200, "autodiscover-unavailable.xml");
  sendXml(r, 200, `${r.variables.domain}/autodiscover-login.xml`, address);
}

/** Autodiscover v2: names where the plain XML is. */
function autodiscoverJson(r) {
  if (methods[r.method] !== "GET") return refuse(r, 405, "GET, HEAD");
  const asked = argument(r, "protocol");
  if (asked === undefined || asked === "") {
    return sendJson(r, 400, {
      ErrorCode: "MandatoryParameterMissing",
      ErrorMessage: "A valid value must be provided for the query parameter 'Protocol'",
    });
  }
  if (asked.toLowerCase() !== "autodiscoverv1") {
    return sendJson(r, 400, {
      ErrorCode: "InvalidProtocol",
      ErrorMessage: "The given protocol value is invalid. Supported values are 'AutodiscoverV1'",
    });
  }
  r.headersOut["Content-Type"] = "application/json; charset=utf-8";
  r.return(200, read(`${r.variables.domain}/autodiscover.json`));
}

/** Apple's profile for the address of the query, signed by the server, with the pair of the name that was asked. */
async function profile(r) {
  if (methods[r.method] !== "GET") return refuse(r, 405, "GET, HEAD");
  const domain = r.variables.domain;
  // A + that a link has not encoded is read as a space, which no address has.
  const asked = argument(r, "address");
  const address = addressIn(r, asked === undefined ? undefined : asked.trim().replace(/ /g, "+"));
  if (address === undefined) return r.return(400);
  const text = fill(read(`${domain}/profile.mobileconfig`), address);
  const signed = await signedData.sign(
    text,
    fs.readFileSync(r.variables.pair || `${generation}/tls/pair.pem`, "utf8"),
  );
  r.headersOut["Content-Type"] = "application/x-apple-aspen-config";
  r.headersOut["Content-Disposition"] = `attachment; filename="${domain}.mobileconfig"`;
  r.return(200, signed || text);
}

/** The set-up page, the section of the reader's own device first and open. */
function setUpPage(r) {
  if (methods[r.method] !== "GET") return refuse(r, 405, "GET, HEAD");
  const page = read(`${r.variables.domain}/${r.uri.slice(1) || r.variables.language}.html`);
  r.headersOut["Content-Type"] = "text/html; charset=utf-8";
  r.return(200, opened(page, r.variables.device));
}

function opened(page, device) {
  const opening = `<details id="${device}">`;
  const ending = "</details>\n";
  const first = page.indexOf("<details ");
  const start = page.indexOf(opening);
  if (start < 0) return page;
  const end = page.indexOf(ending, start) + ending.length;
  const own = page.slice(start, end).replace(opening, `<details id="${device}" open>`);
  return page.slice(0, first) + own + page.slice(first, start) + page.slice(end);
}

/**
 * The language that the reader likes best of those that are served (RFC 9110 section 12.5.4), the one named first of
 * equals; for nobody's wish, the first that is served.
 */
function language(r) {
  const served = r.variables.languages.split(" ");
  let best = served[0];
  let weight = 0;
  (r.headersIn["Accept-Language"] || "")
    .toLowerCase()
    .split(",")
    .forEach((range) => {
      const parts = range.split(";").map((part) => part.trim());
      const wished = parts[0].split("-")[0];
      const own = (parts[1] || "").startsWith("q=") ? Number(parts[1].slice(2)) : 1;
      if (own > weight && served.includes(wished)) {
        best = wished;
        weight = own;
      }
    });
  return best;
}

/** The address and the schema of a request; undefined if it is not a well-formed one. */
function parseRequest(text) {
  // A document type is where entities are declared. The declaration is removed first: under another encoding than the
  // one that was looked at, the parser would see another text.
  const body = (text || "").replace(/^\uFEFF?\s*<\?xml[^>]*\?>/, "");
  if (body.includes("<!DOCTYPE") || body.includes("<!ENTITY") || body.includes("\0")) return undefined;
  try {
    const root = xml.parse(body).$root;
    const request = root.$tag$Request;
    if (root.$name !== "Autodiscover" || request === undefined) return undefined;
    const address = request.$tag$EMailAddress;
    const schema = request.$tag$AcceptableResponseSchema;
    if (address === undefined) return undefined;
    return { address: address.$text, schema: schema === undefined ? undefined : schema.$text.trim() };
  } catch (_) {
    return undefined;
  }
}

/**
 * The address in lower case and with its domain's A-labels, if it could be one of the domain's. Nothing here knows whether
 * it exists.
 */
function addressIn(r, text) {
  if (typeof text !== "string" || text.length > 320) return undefined;
  const domain = r.variables.domain;
  const address = text.trim();
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at).toLowerCase();
  const written = address
    .slice(at + 1)
    .toLowerCase()
    .replace(/[\u3002\uff0e\uff61]/g, ".");
  const spellings = (r.variables.unicode_domain || "").split(" ");
  const own = written === domain || (written !== "" && spellings.includes(written));
  return at > 0 && at <= 64 && own && localPart.test(local) ? `${local}@${domain}` : undefined;
}

/** The first argument of a name, whatever its case. */
function argument(r, name) {
  for (const key in r.args) {
    if (key.toLowerCase() !== name) continue;
    const value = r.args[key];
    return Array.isArray(value) ? value[0] : value;
  }
  return undefined;
}

function read(document) {
  return fs.readFileSync(`${documents}/${document}`, "utf8");
}

function fill(document, address) {
  return document
    .replace(/\{\{uuid:([a-z]+)\}\}/g, (_, payload) => uuid(`mailto:${address}#${payload}`))
    .replace(/\{\{address\}\}/g, () => escapeXml(address));
}

/** Version 5 of RFC 9562. */
function uuid(url) {
  const bytes = crypto.createHash("sha1").update(urlNamespace).update(url).digest();
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString("hex").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

function escapeXml(text) {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&apos;");
}

function refuse(r, status, allowed) {
  r.headersOut.Allow = allowed;
  r.return(status);
}

function sendXml(r, status, document, address) {
  r.headersOut["Content-Type"] = "text/xml; charset=utf-8";
  const text = read(document);
  r.return(status, address === undefined ? text : fill(text, address));
}

function sendJson(r, status, value) {
  r.headersOut["Content-Type"] = "application/json; charset=utf-8";
  r.return(status, JSON.stringify(value));
}

export default { autodiscover, autodiscoverJson, language, profile, setUpPage };
