package session_test

import (
	"context"
	"fmt"

	"github.com/crmpop/crmpop/app/session"
	"github.com/crmpop/crmpop/app/wire"
)

// A page that still has all up to frame 41 resumes there and gets only what came
// since; when it is signed out, Run returns.
func ExampleSession_resume() {
	p := newPipe() // stands for the server
	p.send(hello, request(42), request(43), wire.Frame{Type: wire.Bye, Code: wire.ByeSignOut, Reason: "you have signed out"})

	s := session.New("wss://crm.example.com/api/v1/connect", session.Options{
		Tab: "tab-1", Epoch: 7, Seq: 41,
		OnFrame: func(f wire.Frame) { fmt.Println("frame", f.Type, f.Seq) },
		OnState: func(st session.State) { fmt.Println("state", st.Phase) },
		Dial:    func(context.Context, string) (session.Conn, error) { return p, nil },
	})
	fmt.Println(s.Run(context.Background()))
	fmt.Println(s.Position())
	// Output:
	// state connecting
	// state connected
	// frame hello 0
	// frame request 42
	// frame request 43
	// state ended
	// you have signed out
	// 7 43
}
