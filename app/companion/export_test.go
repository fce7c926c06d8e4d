//go:build !js

package main

// DesktopEntry is desktopEntry, for tests.
var DesktopEntry = desktopEntry

// LaunchAgent is launchAgent, for tests.
var LaunchAgent = launchAgent

// Usage is usage, for tests.
const Usage = usage
