package admin

import (
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
)

// called names a popup: its title, its id, or its kind.
func (v popupView) called() string {
	switch {
	case v.Element == "inherit":
		return "<inherit/>"
	case v.Set["title"] != "":
		return v.Set["title"]
	case v.Set["id"] != "":
		return v.Set["id"]
	case v.Set["name"] != "":
		return v.Set["name"]
	}
	return kindName(v.Element) + " " + v.ID
}

// defaultMoments says when a popup without triggers pops, on its channels.
func (v popupView) defaultMoments() string {
	channels := v.words("channel")
	if len(channels) == 0 {
		c, _ := screenpop.ChoiceOf("channel")
		channels = c.Words
	}
	var moments []screenpop.Trigger
	by := map[screenpop.Trigger][]string{}
	for _, c := range channels {
		t := screenpop.DefaultTrigger(screenpop.Channel(c))
		if by[t] == nil {
			moments = append(moments, t)
		}
		by[t] = append(by[t], c)
	}
	if len(moments) == 1 {
		return string(moments[0])
	}
	said := make([]string, len(moments))
	for i, t := range moments {
		said[i] = string(t) + " (" + strings.Join(by[t], ", ") + ")"
	}
	return strings.Join(said, ", ")
}

// when says in words when the popup pops.
func (v popupView) when() string {
	on := strings.Join(v.words("on"), ", ")
	parts := []string{orElse(on, v.defaultMoments()), strings.Join(v.words("channel"), ", ")}
	if q := v.Set["queue"]; q != "" {
		parts = append(parts, "queue "+q)
	}
	parts = append(parts, v.Set["direction"])
	for _, c := range v.Children {
		if c.Element == "when" {
			w := c.condition()
			parts = append(parts, "if "+w.Variable+" "+w.Op+" "+orElse(w.Value, "empty"))
		}
	}
	return joined(" · ", parts...)
}

// where says in words where a page opens; "" for what is no page.
func (v popupView) where() string {
	switch {
	case v.Element != "url":
		return ""
	case v.Set["visible"] == "false":
		return "Not shown"
	case v.shows("target") == targetNamed:
		return "The window " + v.Set["target"]
	}
	return choiceWords["target"][orElse(v.shows("target"), screenpop.TargetBlank)]
}

// what says what the popup opens, copies, sends or starts.
func (v popupView) what() string {
	switch v.Element {
	case "webrequest":
		return orElse(v.Set["method"], "POST") + " " + v.Set["href"]
	case "command":
		return strings.TrimSpace(v.Set["name"] + " " + v.Text)
	}
	return v.Text
}
