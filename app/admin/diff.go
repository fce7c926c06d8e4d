package admin

import "strings"

// diffLine is a line of two texts laid side by side. Op is ' ' for a line of
// both, '-' for one of the old only, '+' for one of the new only, and '…' for
// lines of both that are left out. Old and New count from 1; 0 where it is not.
type diffLine struct {
	Op       rune
	Old, New int
	Text     string
}

const (
	diffAround = 3   // lines of both that are shown around a change
	diffCells  = 4e6 // more than that many comparisons, and the middle is one change
)

// diff returns what differs between two texts, line by line, with a few lines
// around each change; nothing for equal texts.
func diff(from, to string) []diffLine {
	if from == to {
		return nil
	}
	a, b := linesOf(from), linesOf(to)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var all []diffLine
	for i := range head {
		all = append(all, diffLine{' ', i + 1, i + 1, a[i]})
	}
	all = append(all, middle(a[head:len(a)-tail], b[head:len(b)-tail], head)...)
	for i := range tail {
		x, y := len(a)-tail+i, len(b)-tail+i
		all = append(all, diffLine{' ', x + 1, y + 1, a[x]})
	}
	return around(all)
}

func linesOf(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// middle compares by the longest common subsequence; base lines stand before.
func middle(a, b []string, base int) []diffLine {
	var all []diffLine
	i, j := 0, 0
	var common [][]int
	if float64(len(a))*float64(len(b)) <= diffCells {
		common = lengths(a, b)
	}
	for i < len(a) || j < len(b) {
		switch {
		case common != nil && i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, diffLine{' ', base + i + 1, base + j + 1, a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common == nil || common[i+1][j] >= common[i][j+1]):
			all = append(all, diffLine{'-', base + i + 1, 0, a[i]})
			i++
		default:
			all = append(all, diffLine{'+', 0, base + j + 1, b[j]})
			j++
		}
	}
	return all
}

// lengths returns for each pair of ends the length of the longest common
// subsequence.
func lengths(a, b []string) [][]int {
	n := make([][]int, len(a)+1)
	for i := range n {
		n[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				n[i][j] = n[i+1][j+1] + 1
			} else {
				n[i][j] = max(n[i+1][j], n[i][j+1])
			}
		}
	}
	return n
}

// around leaves out the lines of both that are far from any change.
func around(all []diffLine) []diffLine {
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Op == ' ' {
			continue
		}
		for k := max(0, i-diffAround); k <= min(len(all)-1, i+diffAround); k++ {
			near[k] = true
		}
	}
	var out []diffLine
	for i, l := range all {
		switch {
		case near[i]:
			out = append(out, l)
		case i == 0 || near[i-1]:
			out = append(out, diffLine{Op: '…'})
		}
	}
	return out
}
