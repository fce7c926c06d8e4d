package ingest_test

import (
	"fmt"
	"net/http"

	"github.com/crmpop/crmpop/server/ingest"
)

func ExampleNative() {
	h := http.Header{"Content-Type": {"application/json"}}
	batch, err := ingest.Native().Read(h, []byte(`[
	  {"id":"evt-81","type":"ringing","request":{"id":"c-8f2","channel":"voice","agent":"anna@acme.example","anum":"+4722334455"}},
	  {"id":"evt-82","type":"ringing","request":{"id":"c-8f3","channel":"vioce"}}
	]`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, it := range batch.Items {
		if it.Err != nil {
			fmt.Println(it.Err.Kind, it.Err)
			continue
		}
		fmt.Println(it.Event.Type, it.Event.Request.ID, "at", it.Event.Request.Agent)
	}
	// Output:
	// ringing c-8f2 at anna@acme.example
	// unknown-channel at /1/request/channel: unknown channel "vioce"; did you mean "voice"? known: voice, chat, email, social
}

func ExampleCTI() {
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	batch, err := ingest.CTI().Read(h, []byte(
		"event=newCall&from=492111234567&to=4915791234567&direction=in&callId=123456&user[]=Alice&user[]=Bob"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, it := range batch.Items {
		fmt.Println(it.Event.Type, it.Event.Request.ID, "at", it.Aliases)
	}
	_, reply := batch.Reply("https://pop.example/in/TOKEN")
	fmt.Print(string(reply))
	// Output:
	// ringing 123456 at [Alice]
	// ringing 123456 at [Bob]
	// <?xml version="1.0" encoding="UTF-8"?>
	// <Response onAnswer="https://pop.example/in/TOKEN" onHangup="https://pop.example/in/TOKEN"/>
}
