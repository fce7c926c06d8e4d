// Command bare holds a websocket open and does nothing else: what a companion's
// memory is measured against.
package main

import (
	"context"
	"os"

	"github.com/coder/websocket"
)

func main() {
	ctx := context.Background()
	c, _, err := websocket.Dial(ctx, os.Args[1], nil)
	if err != nil {
		panic(err)
	}
	for {
		if _, _, err := c.Read(ctx); err != nil {
			panic(err)
		}
	}
}
