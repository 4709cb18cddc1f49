// The texts of messages, as some answers hold them: in the cipher of the SDKs, which docs/protocol/encryption.md
// describes. It is no secrecy: the localID is the key, and travels beside the text.

import { base64, decode } from "./base64.ts";

const fixedHalf = "kHT0sVGIKKpnlJE5";
const blockSize = 16;
const zeroIV = new Uint8Array(blockSize);
/** The base64 of one block, the shortest there is. */
const minEncoded = 24;

/** A text that was not enciphered under its localID, or a localID that is none. */
export class CipherError extends Error {
  override readonly name = "CipherError";
}

/**
 * Deciphers the `body`, `data` or `quote.content` of a message that `rooms.getListByUser` or `reports.list` has
 * answered, or of one that was asked for with `sealed`. Of `""`, which is no text at all, it is `""`.
 *
 * @param text as it was answered
 * @param localID of the message
 * @throws CipherError if it was not enciphered under this localID
 */
export async function open(text: string, localID: string): Promise<string> {
  const key = await keyOf(localID);
  if (text === "") {
    return "";
  }
  const size = text.length - 2;
  if (size < minEncoded || size % 4 !== 0 || !/^[0-9]/.test(text)) {
    throw new CipherError("the text is not enciphered");
  }
  const at = 1 + saltIndex(size, Number(text[0]));
  const encoded = text.slice(1, at) + text.slice(at + 1);
  const raw = decode(encoded);
  if (!raw || base64(raw) !== encoded) { // there is one spelling
    throw new CipherError("the text is not enciphered");
  }
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-CBC", iv: zeroIV }, key, raw);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch (error) {
    throw new CipherError("the text was not enciphered under this localID", { cause: error });
  }
}

/**
 * Enciphers a text as the SDKs do, for frames and calls of your own: what the server API takes is plain.
 *
 * @param text what the message says
 * @param localID of the message
 * @throws CipherError if that is no localID
 */
export async function seal(text: string, localID: string): Promise<string> {
  const key = await keyOf(localID);
  const raw = await crypto.subtle.encrypt({ name: "AES-CBC", iv: zeroIV }, key, new TextEncoder().encode(text));
  const encoded = base64(new Uint8Array(raw));
  const digit = 1 + Math.floor(Math.random() * 9); // it is shown, so it need not be a secret
  const at = saltIndex(encoded.length, digit);
  return `${digit}${encoded.slice(0, at)}${localID[text.length % localID.length]}${encoded.slice(at)}`;
}

async function keyOf(localID: string): Promise<CryptoKey> {
  if (!/^[\w-]{24,64}$/.test(localID)) {
    throw new CipherError("a localID has 24 to 64 characters of A-Z, a-z, 0-9, _ and -");
  }
  const half = Array.from(localID.slice(8, 24)).reverse().join("");
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(fixedHalf + half));
  return crypto.subtle.importKey("raw", hash, "AES-CBC", false, ["encrypt", "decrypt"]);
}

/** Where the meaningless character is, in base64 of this length. */
function saltIndex(length: number, digit: number): number {
  return (digit * digit) % length;
}
