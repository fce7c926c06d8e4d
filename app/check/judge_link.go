package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/wire"
)

// tolerated is how far a computer's clock may be off.
const tolerated = 2 * time.Second

// judgeSocket says whether the workspace could connect from here.
func judgeSocket(f facts, here string, s browser.Socket, trip time.Duration) outcome {
	if !s.Opened && !f.ours(here) {
		return outcome{todo, "The server does not take a websocket from a page at " + here + ".", "Open the workspace at " + f.Origin + ".", ""}
	}
	if !s.Opened {
		return outcome{todo, "It does not open.", "Whoever runs the network has to let websockets to " + f.Origin + " through: proxies and firewalls stop them.", ""}
	}
	if s.First == "" {
		return outcome{todo, "It opens, and then nothing comes.", "Whoever runs the network has to keep proxies from holding back what comes on a websocket to " + f.Origin + ".", ""}
	}
	hello, err := wire.Decode([]byte(s.First))
	switch {
	case err == nil && hello.Type == wire.Bye:
		return outcome{todo, "It opens, and the server says: " + hello.Reason + ".", "Try again in a minute.", ""}
	case err != nil || hello.Type != wire.Hello:
		return outcome{todo, "It opens, and what comes is not the server's hello.", "Whoever runs the network has to let " + f.Origin + " through unchanged.", ""}
	case hello.Protocol != wire.Protocol:
		return outcome{todo, fmt.Sprintf("The server speaks version %d, this page version %d.", hello.Protocol, wire.Protocol), "Reload this page and the workspace.", ""}
	}
	return outcome{State: good, Says: fmt.Sprintf("Opens in %s, and the server's hello comes %s later. A round trip takes %s.", millis(s.Took), millis(s.After), millis(trip))}
}

// judgeFallback says what there is where a websocket does not get through. 404 is
// a server that has no fallback.
func judgeFallback(socket bool, status int, kind string, err error) outcome {
	needed := "Whoever runs the network has to let websockets through: there is no other way to this server."
	switch {
	case err == nil && status == 200 && strings.HasPrefix(kind, "text/event-stream"):
		return outcome{State: good, Says: "A stream over plain HTTP opens, should a websocket not."}
	case err == nil && status == 404 && socket:
		return outcome{State: good, Says: "This server has no fallback. The websocket opens, so none is needed."}
	case err == nil && status == 404:
		return outcome{todo, "This server has no fallback.", needed, ""}
	}
	says := fmt.Sprintf("The stream over plain HTTP does not open: the answer has status %d.", status)
	if err != nil {
		says = "The stream over plain HTTP does not open: no answer came."
	}
	if socket {
		return outcome{unknown, says, "Nothing, as long as the websocket opens.", ""}
	}
	return outcome{todo, says, needed, ""}
}

// judgeClock compares this computer's clock with the server's.
func judgeClock(skew time.Duration) outcome {
	if skew.Abs() <= tolerated {
		return outcome{State: good, Says: "This computer's clock is within " + apart(max(skew.Abs(), time.Second/10)) + " of the server's."}
	}
	way := "behind"
	if skew < 0 {
		way = "ahead of"
	}
	return outcome{todo, "This computer's clock is " + apart(skew.Abs()) + " " + way + " the server's.",
		"Let the computer set its clock by itself, in its date and time settings. With a wrong one, sign-ins and certificates fail.", ""}
}

// judgeBuild compares what this page was built from with what the server has.
func judgeBuild(own, server string) outcome {
	if own == server {
		return outcome{State: good, Says: "This page is of the server's version, " + server + "."}
	}
	return outcome{todo, "This page is of version " + own + ", the server has " + server + ".", "Reload this page, and the workspace when no request is open.", ""}
}

// millis returns a time that is read beside others: "12 ms", "1.4 s".
func millis(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// apart returns how far two clocks are apart: "0.2 s", "4 min", "26 h".
func apart(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	}
	return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
}
