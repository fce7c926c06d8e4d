package companions

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// refuse ends what the companion does not do: a command has failed, a text waits
// for the agent's click.
func (s *session) refuse(p screenpop.Pop, why string) {
	state := screenpop.PopFailed
	if p.Kind == screenpop.KindClipboard {
		state = screenpop.PopWaiting
	}
	ctx, cancel := s.ctxFor()
	defer cancel()
	err := s.room.acts.Receipt(ctx, s.known.Agent, screenpop.Receipt{ID: "server:companion:" + s.known.ID, PopID: p.ID, State: state, Detail: why})
	if err != nil {
		s.room.o.Log.Error("end a companion's pop", "companion_id", s.known.ID, "pop_id", p.ID, "err", err)
	}
}

// result writes what the companion says became of a pop. It is answered once that
// stands on stable storage, or once it is clear that it never will.
func (s *session) result(f wire.CompanionFrame) {
	ctx, cancel := s.ctxFor()
	defer cancel()
	p, err := s.room.rec.Pop(ctx, s.known.Agent.Tenant, f.PopID)
	if err == nil && (p.AgentID != s.known.Agent.ID || p.ClaimedBy != s.holder()) {
		err = screenpop.Errorf(screenpop.CodeNotFound, "not-found", "pop %q was never this companion's", plain(f.PopID))
	}
	if err == nil {
		err = s.room.acts.Receipt(ctx, s.known.Agent, s.receipt(p, f))
	}
	switch screenpop.ErrorCode(err) {
	case "":
		s.mu.Lock()
		o := s.sent[p.ID]
		o.over = true
		if o.at.IsZero() {
			o.at = s.room.o.Now()
		}
		s.sent[p.ID] = o
		s.mu.Unlock()
	case screenpop.CodeNotFound, screenpop.CodeInvalid, screenpop.CodeTooLarge:
		s.room.o.Log.Warn("result of a companion", "companion_id", s.known.ID, "pop_id", plain(f.PopID), "err", err)
	default:
		s.room.o.Log.Error("write a companion's result", "companion_id", s.known.ID, "pop_id", f.PopID, "err", err)
		return // it says it again
	}
	_ = s.send(wire.CompanionFrame{Type: wire.CompanionResultOK, PopID: f.PopID}) // the companion says it again if this is lost
}

// receipt returns what a result means for its pop.
func (s *session) receipt(p screenpop.Pop, f wire.CompanionFrame) screenpop.Receipt {
	r := screenpop.Receipt{ID: "companion:" + s.known.ID + ":" + plain(f.State), PopID: p.ID, Build: "companion " + s.version}
	r.State, r.Detail = commandEnd(f, s.host())
	if p.Kind == screenpop.KindClipboard {
		r.State, r.Detail = copyEnd(f, s.host())
	}
	return r
}

// copyEnd says what became of a text.
func copyEnd(f wire.CompanionFrame, host string) (screenpop.PopState, string) {
	if f.State == wire.ResultCopied {
		return screenpop.PopCopied, "by the companion on " + host
	}
	return screenpop.PopWaiting, "the companion on " + host + " did not copy it" + because(f)
}

// commandEnd says what became of a command. One that ended by itself with another
// code than 0 has failed: that is how programs say it.
func commandEnd(f wire.CompanionFrame, host string) (screenpop.PopState, string) {
	took := (time.Duration(f.MS) * time.Millisecond).Seconds()
	switch f.State {
	case wire.ResultStarted:
		return screenpop.PopRan, "started on " + host
	case wire.ResultExited:
		end := fmt.Sprintf("exited %d on %s in %.1f s", f.ExitCode, host, took)
		if f.ExitCode != 0 {
			return screenpop.PopFailed, end + because(f)
		}
		return screenpop.PopRan, end
	case wire.ResultRefused:
		return screenpop.PopFailed, "refused on " + host + because(f)
	case wire.ResultBusy:
		return screenpop.PopFailed, host + " is busy" + because(f)
	case wire.ResultTimeout:
		return screenpop.PopFailed, fmt.Sprintf("stopped on %s after %.1f s", host, took) + because(f)
	case wire.ResultFailed:
		return screenpop.PopFailed, "could not be started on " + host + because(f)
	case wire.ResultUnknown:
		return screenpop.PopFailed, "the companion on " + host + " ended while starting it; it is not started again"
	}
	return screenpop.PopFailed, "the companion on " + host + " says " + plain(f.State) + because(f)
}

// because returns the companion's own words.
func because(f wire.CompanionFrame) string {
	if d := plain(f.Detail); d != "" {
		return ": " + d
	}
	return ""
}

// maxPlain is how much of a companion's own words is passed on, in bytes.
const maxPlain = 300

// plain returns a text of a companion as it may stand in a sentence: without what
// breaks lines or turns them round.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if s = strings.TrimSpace(s); len(s) > maxPlain {
		s = strings.ToValidUTF8(s[:maxPlain], "") + "…"
	}
	return s
}
