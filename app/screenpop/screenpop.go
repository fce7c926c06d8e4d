// Package screenpop is the domain: requests, events, triggers, popups, pops and
// receipts, and the rules that join them. It imports nothing of ours but
// urltemplate and knows neither sockets nor databases.
package screenpop

import "strings"

// Channel is the kind of a request.
type Channel string

// The channels a request can come by.
const (
	Voice  Channel = "voice"
	Chat   Channel = "chat"
	Email  Channel = "email"
	Social Channel = "social"
)

// Channels lists every channel in the order the manual names them.
var Channels = []Channel{Voice, Chat, Email, Social}

// Valid reports whether c is one of Channels.
func (c Channel) Valid() bool { return oneOf(c, Channels) }

// Direction says who started the request: the contact ("in") or the agent ("out").
type Direction string

// The two directions. An event without one is inbound.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Valid reports whether d is In or Out.
func (d Direction) Valid() bool { return d == In || d == Out }

// Trigger is a moment in a request's life at which popups may pop.
type Trigger string

// The triggers. Updated changes what is known of a request and pops nothing.
const (
	Offered  Trigger = "offered"
	Ringing  Trigger = "ringing"
	Accepted Trigger = "accepted"
	Assigned Trigger = "assigned"
	Hangup   Trigger = "hangup"
	Closed   Trigger = "closed"
	Updated  Trigger = "updated"
)

// Triggers lists the triggers a popup may name in its on attribute.
var Triggers = []Trigger{Offered, Ringing, Accepted, Assigned, Hangup, Closed}

// EventTypes lists the types an event may have: every trigger and Updated.
var EventTypes = append(append([]Trigger{}, Triggers...), Updated)

// Valid reports whether t is a type an event may have.
func (t Trigger) Valid() bool { return oneOf(t, EventTypes) }

func oneOf[T comparable](v T, all []T) bool {
	for _, a := range all {
		if v == a {
			return true
		}
	}
	return false
}

// JoinWords joins values for a message: "voice, chat, email, social".
func JoinWords[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}
