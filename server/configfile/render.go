package configfile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/region"
)

// render is the command that shows what a document makes of an event.
type render struct {
	Event     string   `required:"" placeholder:"FILE" help:"The event, or an array of events, as POST /api/v1/events takes it; - is the standard input."`
	AgentName string   `placeholder:"NAME" help:"The agent's name, for {agent_name}."`
	Region    string   `placeholder:"NO" help:"Two letters of the country in which numbers without a country code are read."`
	Hosts     []string `placeholder:"HOST,…" help:"Hosts that {url} may lead to."`
	JSON      bool     `name:"json" help:"Print JSON."`
	File      string   `arg:"" name:"file" help:"Popup document; - is the standard input."`
}

// rendering is what a document makes of one event.
type rendering struct {
	Event  screenpop.Event         `json:"event"`
	Popups []screenpop.Explanation `json:"popups"`
}

func (r *render) run(ctx context.Context, t *terminal) int {
	if err := r.validate(); err != nil {
		fmt.Fprintf(t.err, "crmpop config: %s; see crmpop config --help\n", plain(err.Error()))
		return exitUsage
	}
	doc, ok := r.document(ctx, t)
	if !ok {
		return exitFault
	}
	all, array, ok := r.events(ctx, t, doc)
	switch {
	case r.JSON && array:
		return t.rendered(all, ok)
	case r.JSON && len(all) == 1:
		return t.rendered(all[0], ok)
	case r.JSON:
		return exitFault
	}
	for i, one := range all {
		if i > 0 {
			fmt.Fprintln(t.out)
		}
		one.print(t.out, doc)
	}
	if !ok {
		return exitFault
	}
	return exitOK
}

func (t *terminal) rendered(v any, ok bool) int {
	if err := t.json(v); err != nil {
		t.fail("standard output", err)
		return exitFault
	}
	if !ok {
		return exitFault
	}
	return exitOK
}

func (r *render) validate() error {
	r.Region = strings.ToUpper(r.Region)
	switch {
	case r.Region != "" && !phonenumbers.GetSupportedRegions()[r.Region]:
		return fmt.Errorf("--region %s: there is no such country; write two letters as ISO 3166-1 has them, such as NO", r.Region)
	case r.File == "-" && r.Event == "-":
		return errors.New("document and event cannot both be the standard input; name a file for one of them")
	}
	for _, h := range r.Hosts {
		if h == "" || strings.ContainsAny(h, "/@? *") {
			return fmt.Errorf("--hosts %q: write hosts without scheme and path, such as mail.example.com,crm.example.com:8443", h)
		}
	}
	return nil
}

// document reads the document and tells its findings, the errors and warnings
// both, on the error output.
func (r *render) document(ctx context.Context, t *terminal) (doc *screenpop.Document, ok bool) {
	src, err := t.read(ctx, r.File)
	if err != nil {
		t.fail(r.File, err)
		return nil, false
	}
	for _, f := range check(r.File, src) {
		fmt.Fprintln(t.err, f)
	}
	doc, _ = screenpop.ParseDocument(src)
	return doc, doc != nil
}

// events renders each event of the file. ok is false if one could not be read,
// which has been told.
func (r *render) events(ctx context.Context, t *terminal, doc *screenpop.Document) (all []rendering, array, ok bool) {
	body, err := t.read(ctx, r.Event)
	if err != nil {
		t.fail(r.Event, err)
		return nil, false, false
	}
	batch, fault := readEvents(body)
	if fault != nil {
		t.fail(r.Event, fault)
		return nil, false, false
	}
	requests := map[string]screenpop.Request{}
	all, ok = []rendering{}, true
	for i, item := range batch.Items {
		s := r.scope(item.Event)
		if fault = item.Err; fault == nil {
			fault = follow(requests, &s)
		}
		if fault != nil {
			t.fail(r.Event, placed(fault, i, batch.Array))
			ok = false
			continue
		}
		all = append(all, explain(doc, s))
	}
	return all, batch.Array, ok
}

// placed returns the fault with its place in the file.
func placed(fault *screenpop.Error, item int, array bool) error {
	switch {
	case fault.Pointer == "" || strings.HasPrefix(fault.Msg, "at "):
		return fault
	case array:
		return fmt.Errorf("at /%d%s: %w", item, fault.Pointer, fault)
	}
	return fmt.Errorf("at %s: %w", fault.Pointer, fault)
}

func (r *render) scope(e screenpop.Event) screenpop.Scope {
	return screenpop.Scope{Event: e, Agent: screenpop.Agent{Name: r.AgentName}, Now: time.Now(),
		Numbers: region.Numbers(r.Region), Hosts: region.Hosts(r.Hosts)}
}

func explain(doc *screenpop.Document, s screenpop.Scope) rendering {
	one := rendering{Event: s.Event, Popups: []screenpop.Explanation{}}
	for _, item := range doc.Items {
		if item.Popup != nil {
			one.Popups = append(one.Popups, screenpop.Explain(item.Popup, s))
		}
	}
	return one
}
