package demo

import (
	"net/http"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
)

func (p *phone) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /phone", p.show)
	mux.HandleFunc("POST /phone/begin", p.postBegin)
	mux.HandleFunc("POST /phone/act", p.postAct)
	mux.HandleFunc("POST /phone/alone", p.postAlone)
}

// phoneView is what the page draws from.
type phoneView struct {
	Workspace string
	Fault     string
	Channels  []screenpop.Channel
	Contacts  []contact
	Agents    []agent
	Queues    []queue
	Choice    choice
	Requests  []request
	Closed    int
	Answers   []answer
	Alone     bool
	Begun     int
	Most      int
}

func (p *phone) view(fault string) phoneView {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := phoneView{Workspace: p.o.WorkspaceURL, Fault: fault, Channels: screenpop.Channels, Contacts: contacts,
		Agents: agents, Queues: queues, Choice: p.choice, Answers: append([]answer(nil), p.answers...),
		Alone: p.running != nil, Begun: p.begun, Most: maxAlone}
	for _, r := range p.requests {
		if r.State == screenpop.StateClosed {
			v.Closed++
			continue
		}
		v.Requests = append(v.Requests, r)
	}
	return v
}

func (p *phone) show(w http.ResponseWriter, r *http.Request) { p.draw(w, http.StatusOK, "") }

func (p *phone) draw(w http.ResponseWriter, status int, fault string) {
	w.Header().Set("Content-Security-Policy", csp+"; frame-ancestors 'none'")
	render(w, status, "phone.html", p.view(fault))
}

// done goes back to the page, or says there what was wrong.
func (p *phone) done(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		p.draw(w, http.StatusBadRequest, err.Error())
		return
	}
	http.Redirect(w, r, "/phone", http.StatusSeeOther)
}

func (p *phone) postBegin(w http.ResponseWriter, r *http.Request) {
	_, _, err := p.begin(r.Context(), choice{
		Channel: screenpop.Channel(r.PostFormValue("channel")),
		Caller:  r.PostFormValue("caller"),
		Typed:   strings.TrimSpace(r.PostFormValue("typed")),
		Agent:   r.PostFormValue("agent"),
		Queue:   r.PostFormValue("queue"),
	})
	p.done(w, r, err)
}

func (p *phone) postAct(w http.ResponseWriter, r *http.Request) {
	_, err := p.act(r.Context(), r.PostFormValue("id"), r.PostFormValue("act"))
	p.done(w, r, err)
}

func (p *phone) postAlone(w http.ResponseWriter, r *http.Request) {
	p.runAlone(r.PostFormValue("on") == "yes")
	p.done(w, r, nil)
}
