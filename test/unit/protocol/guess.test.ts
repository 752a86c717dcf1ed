import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { fromHex } from "../../../src/protocol/bytes.ts";
import { encodeBind, WINDOWS_CONTEXTS } from "../../../src/protocol/dcerpc/bind.ts";
import { guessProtocol } from "../../../src/protocol/guess.ts";
import type { Guess } from "../../../src/protocol/guess.ts";
import { wireFixture } from "../../fixtures/wire/wire-fixture.ts";

const SENT = encodeBind(WINDOWS_CONTEXTS, 1);

const text = (value: string): Uint8Array => Buffer.from(value, "latin1");

const BANNERS: [string, Guess, Uint8Array][] = [
  [
    "nginx's answer to a bind",
    "http",
    text("HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\nDate: Mon,"),
  ],
  ["an HTTP/2 server's words to HTTP/1", "http", text("HTTP/2 400\r\n")],
  ["a bare HTML page", "http", text("<html>\r\n<head><title>400 The plain HTTP request</title>")],
  ["a page with a doctype", "http", text("\r\n<!DOCTYPE html>\n<html>")],
  ["a TLS alert, unexpected message", "tls", fromHex("1503010002020a")],
  ["a TLS 1.2 handshake record", "tls", fromHex("160303005a0200")],
  ["OpenSSH's banner", "ssh", text("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")],
  [
    "OpenSSH's banner and its complaint",
    "ssh",
    text("SSH-2.0-OpenSSH_9.2p1\r\nInvalid SSH identification string.\r\n"),
  ],
  ["an SMTP greeting", "smtp-or-ftp", text("220 mail.example ESMTP Postfix\r\n")],
  ["an FTP greeting of several lines", "smtp-or-ftp", text("220-FileZilla Server\r\n")],
  ["an SMTP refusal", "smtp-or-ftp", text("554 no\r\n")],
  ["an SMB1 negotiate answer", "smb", fromHex("00000055ff534d4272000000009853c8")],
  ["an SMB2 negotiate answer", "smb", fromHex("000000d0fe534d4240000100")],
  ["an RDP connection confirm", "rdp", fromHex("030000130ed000001234000209080002000000")],
  ["telnet negotiation", "telnet", fromHex("fffd18fffd20fffd23fffd27")],
  ["telnet WILL ECHO, then a prompt", "telnet", Buffer.concat([fromHex("fffb01"), text("login: ")])],
  ["MySQL's greeting", "mysql", Buffer.concat([fromHex("4a0000000a"), text("8.0.36\0\x08\0\0\0")])],
  ["MariaDB's greeting", "mysql", Buffer.concat([fromHex("5d0000000a"), text("5.5.5-10.11.6-MariaDB\0")])],
  ["our whole bind back", "echo", SENT],
  ["the first three bytes of our bind back", "echo", SENT.subarray(0, 3)],
  ["the first hundred bytes of our bind back", "echo", SENT.subarray(0, 100)],
  ["a daytime service", "text", text("Mon Nov 22 11:43:47 2026\r\n")],
  ["a prompt with a tab", "text", text("ready>\t")],
  ["one letter", "text", text("x")],
  ["a bind_ack", "dcerpc", wireFixture("wine-1-context")],
  ["the one byte that every PDU begins with", "dcerpc", fromHex("05")],
  ["two bytes that every PDU begins with", "dcerpc", fromHex("0500")],
  ["a bind with another call id", "dcerpc", encodeBind(WINDOWS_CONTEXTS, 2)],
  ["a version 5.1 header", "dcerpc", fromHex("05010c03")],
  ["random bytes", "unknown", fromHex("9f3c00e17a44d20b")],
  ["zeros", "unknown", new Uint8Array(64)],
  ["UTF-8 beyond ASCII", "unknown", Buffer.from("grüß gott", "utf8")],
  ["text that turns binary within its first bytes", "unknown", text("hello\x00world")],
  ["nothing at all", "unknown", new Uint8Array(0)],
];

test.each(BANNERS)("%s looks like %s", (_, guess, received) => {
  expect(guessProtocol(received, SENT)).toBe(guess);
});

test("an echo with something behind it is no echo", () => {
  expect(guessProtocol(Buffer.concat([SENT, text("!")]), SENT)).toBe("dcerpc");
});

test("binary data after the first 32 bytes of a text doesn't unmake it", () => {
  expect(guessProtocol(Buffer.concat([text("a".repeat(32)), fromHex("000000")]), SENT)).toBe("text");
});

test("a megabyte is looked at only where it begins", () => {
  const flood = Buffer.alloc(1 << 20, 0x41);
  expect(guessProtocol(flood, SENT)).toBe("text");
});
