//go:build !js

package mapping

// Writer is writer, for tests on any machine.
func Writer(trusted, allow, inheritOnly bool, mask uint32, leaf, folder bool) string {
	p := partAbove
	if leaf {
		p = partLeaf
	} else if folder {
		p = partFolder
	}
	return writer([]ace{{trusted: trusted, allow: allow, inheritOnly: inheritOnly, mask: mask, who: "Users"}}, p)
}
