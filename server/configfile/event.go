package configfile

import (
	"encoding/json"
	"net/http"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/ingest"
)

// readEvents reads events as POST /api/v1/events takes them: one, an array, or
// CloudEvents.
func readEvents(body []byte) (ingest.Batch, *screenpop.Error) {
	return ingest.Native().Read(http.Header{"Content-Type": {mediaType(body)}}, body)
}

// mediaType is what a sender would have said the body is. Over HTTP nobody
// guesses; a file has nothing but its content.
func mediaType(body []byte) string {
	type cloudEvent struct {
		SpecVersion any `json:"specversion"`
	}
	var one cloudEvent
	if json.Unmarshal(body, &one) == nil && one.SpecVersion != nil {
		return "application/cloudevents+json"
	}
	var several []cloudEvent
	if json.Unmarshal(body, &several) == nil && len(several) > 0 && several[0].SpecVersion != nil {
		return "application/cloudevents-batch+json"
	}
	return "application/json"
}

// follow returns the request of an event as it stands after it. requests holds
// those that earlier events of the file were about.
func follow(requests map[string]screenpop.Request, s *screenpop.Scope) *screenpop.Error {
	id := s.Event.Request.ID
	before, known := requests[id]
	if !known && s.Event.Request.Channel == "" {
		return screenpop.Errorf(screenpop.CodeInvalid, "unknown-request",
			"request %q is new here, so its first event must carry channel; send channel with it", id).At("/request/channel")
	}
	s.Request = before.Apply(s.Event, s.Now)
	requests[id] = s.Request
	return nil
}
