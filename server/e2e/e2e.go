// Package e2e drives the real program: the server as a process of its own, and
// the workspace in Chromium. Everything is found as a screen reader finds it, by
// role and accessible name, so that these tests hold for any markup that keeps
// those names. It has tests and benchmarks only.
package e2e
