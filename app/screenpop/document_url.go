package screenpop

import (
	"slices"
	"strings"

	"github.com/crmpop/crmpop/app/urltemplate"
)

// What a popup may allow its frame beyond the others. Top navigation is not to be
// had: one click in the page could replace the whole workspace.
var (
	sandboxAdditions = []string{"allow-modals", "allow-storage-access-by-user-activation"}
	sandboxAlways    = []string{"allow-scripts", "allow-same-origin", "allow-forms", "allow-popups", "allow-popups-to-escape-sandbox", "allow-downloads"}
	allowAdditions   = []string{"camera", "microphone", "display-capture", "clipboard-write", "clipboard-read", "geolocation", "fullscreen", "local-network"}
)

func (c *compiler) url(e *element, p *Popup) {
	if t := c.value(e); t != nil {
		if strings.Trim(t.s, xmlSpace) == "" {
			c.fault(e.off, "<url> without a URL", "write it between <url> and </url>")
		} else {
			p.URL = c.template(urltemplate.URL, t)
			c.foreign(p.URL, t)
		}
	}
	if a := e.attr("title"); a != nil && a.value != nil {
		if strings.Trim(a.value.s, xmlSpace) == "" {
			c.fault(a.off, "an empty title", "leave title out; then the host is the title")
		} else {
			p.Title = c.template(urltemplate.Text, a.value)
		}
	}
	c.target(e, p)
	p.Focus = choice[Focus](c, e, "focus")
	p.Frame = choice[string](c, e, "frame")
	p.Probe = choice[string](c, e, "probe") == "yes"
	p.Sandbox = c.sandbox(e)
	p.Allow = strings.Join(list(c, e, "allow", allowAdditions), "; ")
	c.withoutEffect(e, p)
}

// foreign reports a URL that leads to the workspace itself.
func (c *compiler) foreign(url *urltemplate.Template, at *text) {
	if url == nil || c.own == nil || url.Origin() == "" || !c.own(url.Origin()) {
		return
	}
	_, lead := at.trim()
	c.fault(at.offset(lead), "the URL is of this server itself ("+url.Origin()+"), whose pages could reach into the workspace",
		"write the address of the CRM; a page of your own has to be on another host or port")
}

// target reads target and visible, which depend on one another: without both, the
// page opens visibly in a new browser tab.
func (c *compiler) target(e *element, p *Popup) {
	target, visible := e.attr("target"), e.attr("visible")
	p.Target, p.Visible = TargetBlank, true
	if visible != nil {
		p.Visible = choice[string](c, e, "visible") == "true"
	}
	switch {
	case target != nil && target.value != nil:
		p.Target = target.value.s
		if msg, cure := targetFault(p.Target); msg != "" {
			c.fault(target.value.offset(0), msg, cure)
		}
	case target == nil && visible != nil && visible.value != nil && visible.value.s == "true":
		c.fault(visible.off, `visible="true" without a target`, `write target="request" for the request's tab, target="_blank" for a new browser tab, or a window's name`)
	}
	via := choice[string](c, e, "via")
	if !p.Visible {
		p.Target, p.Via = "", via
	}
}

// ValidTarget reports whether a page may open there: TargetRequest, TargetBlank or
// the name of a window.
func ValidTarget(target string) bool {
	msg, _ := targetFault(target)
	return msg == ""
}

func targetFault(target string) (msg, cure string) {
	const cureName = `write target="request", target="_blank", or a window's name of letters, digits, _ and -, at most 64`
	lower := strings.ToLower(target)
	switch {
	case target == TargetRequest || target == TargetBlank:
	case target == "":
		return "an empty target", cureName
	case slices.Contains([]string{"_self", "_top", "_parent"}, lower):
		return "the target " + quote(target) + ", which would replace the workspace", `write target="request" or target="_blank"`
	case lower == TargetRequest || lower == TargetBlank:
		return "the target " + quote(target), "did you mean " + lower + "?"
	case target[0] == '_':
		cure := cureName
		if urltemplate.Nearest(target, []string{TargetBlank}) != "" {
			cure = "did you mean " + TargetBlank + "?"
		}
		return "the target " + quote(target), cure
	case !isWord(target, 64, "_-"):
		return "the target " + quote(target), cureName
	}
	return "", ""
}

// sandbox returns what the frame may more than every frame may.
func (c *compiler) sandbox(e *element) string {
	a := e.attr("sandbox")
	if a == nil || a.value == nil {
		return ""
	}
	for _, w := range wordsOf(a.value) {
		if strings.HasPrefix(w.s, "allow-top-navigation") {
			c.fault(a.value.offset(w.at), quote(w.s)+" in sandbox, with which a page could replace the whole workspace", "remove it; there are "+strings.Join(sandboxAdditions, ", "))
			return ""
		}
	}
	all := list(c, e, "sandbox", append(slices.Clone(sandboxAdditions), sandboxAlways...))
	more := slices.DeleteFunc(all, func(s string) bool { return slices.Contains(sandboxAlways, s) })
	return strings.Join(more, " ")
}

// withoutEffect warns of attributes that do nothing where they stand.
func (c *compiler) withoutEffect(e *element, p *Popup) {
	inert := []string{"frame", "sandbox", "allow", "probe"}
	why, cure := `unless target is "request"`, `write target="request", or remove it`
	if via := e.attr("via"); via != nil && p.Visible {
		c.warn(via.off, "via has no effect while the page is visible", `write visible="false", or remove it`)
	}
	switch {
	case !p.Visible:
		inert = []string{"frame", "probe", "target", "focus"}
		if p.Via != ViaFrame {
			inert = append(inert, "sandbox", "allow")
		}
		why, cure = "while the page is not visible", `remove it, or visible="false"`
	case p.Target == TargetRequest:
		return
	}
	for _, name := range inert {
		if a := e.attr(name); a != nil {
			c.warn(a.off, name+" has no effect "+why, cure)
		}
	}
}
