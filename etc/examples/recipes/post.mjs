// Posts a file of a watched folder as soon as the provider can use it. Needs nothing but Node.js 18.
//
//   node post.mjs FILE TEXT [WHEN]
//
// WHEN is a time such as 2026-12-24T09:00:00Z. Without it Postbreeze keeps a draft. ConnectSafely has no WHEN: it
// publishes at once.
//
// Exit codes: 0 posted, and the post's id is printed. 65 refused, and there is no post. 75 not now, and there is no
// post. 64 a wrong setting, and there is no post. 70 the answer is not known: there may be a post. 69, 77 and 78 are
// those of `outtray wait`. With any other the script was ended: there may be a post.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const setting = (name, standard) => process.env[name] || standard;

class Failure extends Error {
  constructor(code, words) {
    super(words);
    this.code = code;
  }
}

/** Runs outtray, and gives what it prints. */
function outtray(...words) {
  const done = spawnSync("outtray", words, { stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 24 });
  if (done.error) throw new Failure(69, `outtray: ${done.error.message}`);
  if (done.status !== 0) throw new Failure(done.status ?? 75, "outtray did not succeed");
  return done.stdout.toString();
}

/** What the manifest says of a file, once its asset can be used. */
function ready(file) {
  outtray("wait", "--for", "ready", "--timeout", "10m", "--", file);
  // `why` tells the id, and whether the file has changed since.
  const known = JSON.parse(outtray("why", "--json", "--", file));
  if (known.state !== "uploaded") throw new Failure(75, `${file} has changed again`);
  return known.asset;
}

/** Where a post of an entry goes: its address, the file of the key, and the body. */
function request(entry, text, when) {
  if (entry.provider === "postbreeze") {
    const account = setting("POSTBREEZE_ACCOUNT"); // which connected account posts, soc_…
    if (!account) throw new Failure(64, "POSTBREEZE_ACCOUNT is not set");
    if (!entry.mediaId) throw new Failure(65, "the entry has no mediaId");
    return {
      url: setting("POSTBREEZE_URL", "https://api.postbreeze.ai/api/v1") + "/posts",
      keyFile: setting("POSTBREEZE_KEY_FILE", "/etc/outtray/main.key"),
      // What is undefined is left out of JSON.
      body: { content: text, platforms: [{ accountId: account }], mediaIds: [entry.mediaId], scheduledFor: when },
    };
  }
  if (entry.provider !== "connectsafely") {
    throw new Failure(65, "the entry has no provider that this script knows");
  }
  if (when) throw new Failure(64, "ConnectSafely publishes at once: run this when the time has come");
  const mediaType = { IMAGE: "image", GIF: "image", VIDEO: "video", DOCUMENT: "document" }[entry.kind];
  return {
    url: setting("CONNECTSAFELY_URL", "https://api.connectsafely.ai/linkedin") + "/posts/create",
    keyFile: setting("CONNECTSAFELY_KEY_FILE", "/etc/outtray/linkedin.key"),
    body: {
      text,
      mediaType,
      assetUrn: entry.assetUrn,
      recipes: mediaType === "image" ? undefined : entry.recipes,
      title: mediaType === "document" ? text : undefined,
      // account_id and company_urn of the configuration, if it has them.
      accountId: setting("CONNECTSAFELY_ACCOUNT"),
      companyUrn: setting("CONNECTSAFELY_COMPANY"),
    },
  };
}

/** The key in a file. What is wrong with a key is not told by showing it. */
function keyOf(file) {
  let key;
  try {
    key = readFileSync(file, "latin1").trim();
  } catch (error) {
    throw new Failure(64, `the key cannot be read: ${error.message}`);
  }
  if (!/^[!-~]+$/.test(key)) throw new Failure(64, `${file} is no key of one line`);
  return key;
}

/** Makes a post. Gives its id. */
async function post({ url, keyFile, body }) {
  const headers = { Authorization: `Bearer ${keyOf(keyFile)}`, "Content-Type": "application/json" };
  let status, said;
  try {
    // A redirect is not followed: the key is for this host alone.
    const answer = await fetch(url, {
      method: "POST", headers, body: JSON.stringify(body), redirect: "manual", signal: AbortSignal.timeout(60_000),
    });
    status = answer.status;
    said = await answer.text();
  } catch (error) {
    const unsent = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];
    if (unsent.includes(error.cause?.code)) throw new Failure(75, `${url} cannot be reached; no post was made`);
    throw new Failure(70, `the answer was lost: look whether there is a post before you try again: ${error}`);
  }
  let fields;
  try {
    fields = JSON.parse(said);
  } catch {
    // No answer of the API's.
  }
  said = said.slice(0, 2000);
  if (status >= 200 && status < 300 && fields) {
    const made = fields.id ?? fields.shareUrn ?? fields.postUrn;
    if (made) return made;
    // Success under a 200 is not enough: LinkedIn may take a post, and make none.
    if ("success" in fields) throw new Failure(65, `no post was made: ${said}`);
  }
  if ([401, 402, 403].includes(status)) {
    throw new Failure(75, `${status}, the key or the account is refused; no post was made: ${said}`);
  }
  if (status === 429) throw new Failure(75, `too many calls; no post was made: ${said}`);
  if (status >= 400 && status < 500 && status !== 408) throw new Failure(65, `${status}, no post was made: ${said}`);
  throw new Failure(70, `${status}: look whether there is a post before you try again: ${said}`);
}

const [file, text, when] = process.argv.slice(2);
try {
  if (!file || !text) throw new Failure(64, "usage: node post.mjs FILE TEXT [WHEN]");
  console.log(await post(request(ready(file), text, when)));
} catch (error) {
  console.error(`post.mjs: ${error.message}`);
  process.exitCode = error instanceof Failure ? error.code : 70;
}
