package hub

import (
	"fmt"
	"log/slog"
	"slices"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// fit encodes a snapshot within wire.MaxFrame. One that is larger loses its
// timelines and receipts, which the trace still has, and then its oldest
// requests; its reason tells the agent so.
func fit(f wire.Frame, log *slog.Logger, a wire.AgentKey) []byte {
	f = plain(f)
	b := wire.Encode(f)
	if len(b) <= wire.MaxFrame {
		return b
	}
	f = slim(f)
	left := 0
	for b = wire.Encode(f); len(b) > wire.MaxFrame && len(f.Requests) > 0; b = wire.Encode(f) {
		n := (len(f.Requests) + 7) / 8 // an eighth at a time: few rounds, little lost
		f = without(f, f.Requests[:n])
		left += n
		f.Reason = fmt.Sprintf("%d older requests are left out: there is too much open at once", left)
	}
	log.Warn("snapshot too large", "agent_id", a.ID, "left_out", left, "bytes", len(b))
	return b
}

// slim returns f without timelines and receipts, its requests oldest first.
func slim(f wire.Frame) wire.Frame {
	f.Requests, f.Pops = slices.Clone(f.Requests), slices.Clone(f.Pops)
	for i := range f.Requests {
		f.Requests[i].Timeline = nil
	}
	for i := range f.Pops {
		f.Pops[i].Receipts = nil
	}
	slices.SortStableFunc(f.Requests, func(a, b screenpop.Request) int { return a.UpdatedAt.Compare(b.UpdatedAt) })
	return f
}

// without returns f without the requests in out, which are its first, and
// without their pops.
func without(f wire.Frame, out []screenpop.Request) wire.Frame {
	drop := map[string]bool{}
	for _, r := range out {
		drop[r.ID] = true
	}
	f.Requests = f.Requests[len(out):]
	f.Pops = slices.DeleteFunc(slices.Clone(f.Pops), func(p screenpop.Pop) bool { return drop[p.RequestID] })
	return f
}

// plain returns f without what only a companion needs of its pops. The pops
// themselves are others' too and stay as they are.
func plain(f wire.Frame) wire.Frame {
	if f.Pop != nil && f.Pop.Vars != nil {
		p := *f.Pop
		p.Vars = nil
		f.Pop = &p
	}
	if slices.ContainsFunc(f.Pops, func(p screenpop.Pop) bool { return p.Vars != nil }) {
		f.Pops = slices.Clone(f.Pops)
		for i := range f.Pops {
			f.Pops[i].Vars = nil
		}
	}
	return f
}
