package urltemplate

import "strings"

// Nearest returns the word of known that word was most likely meant to be, for
// "did you mean", or "" if none is near. Case does not count.
func Nearest(word string, known []string) string {
	w := strings.ToLower(word)
	best, bestAt := "", 1+min(3, max(1, len(w)/3))
	for _, k := range known {
		if d := distance(w, strings.ToLower(k), bestAt); d < bestAt {
			best, bestAt = k, d
		}
	}
	return best
}

// distance returns how many letters must be changed, added, dropped or swapped
// with their neighbour to make a into b, or limit if that many or more.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return min(above[len(b)], limit)
}
