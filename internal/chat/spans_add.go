package chat

// Missing returns those of times that are not in the set.
func (s Spans) Missing(times []int64) (missing []int64) {
	for _, t := range times {
		if !s.Has(t) {
			missing = append(missing, t)
		}
	}
	return missing
}

// Spaces returns the ends of the spaces around and between messages that are to be added to the
// set. Their times are ascending, and none is in it. The first space begins at 0, and
// the one behind the last message of a room is not among them.
func (s Spans) Spaces(times []int64) (spaces [][2]int64) {
	for _, g := range s.groups(times) {
		begin := g.before
		for _, t := range g.times {
			spaces = append(spaces, [2]int64{begin, t})
			begin = t
		}
		if g.after > 0 {
			spaces = append(spaces, [2]int64{begin, g.after})
		}
	}
	return spaces
}

// Add adds messages to the set, as of a time and a change: as few spans, one for each run of
// them with no hole in between. holes says in which of Spaces, by where they begin, a message
// lies that counts.
func (s Spans) Add(times []int64, holes map[int64]bool, at, number int64) Spans {
	for _, g := range s.groups(times) {
		joined := !holes[g.before]
		for first := 0; first < len(g.times); {
			last := first
			for last+1 < len(g.times) && !holes[g.times[last]] {
				last++
			}
			end := g.times[last]
			run := Span{From: g.times[first], To: end, At: at, Number: number, Joined: joined}
			s = s.Insert(run, last == len(g.times)-1 && !holes[end])
			joined = false
			first = last + 1
		}
	}
	return s
}

// group is messages that lie between the same two spans, or before the first, or behind the
// last one.
type group struct {
	before, after int64 // the spans' ends; 0 where there is none
	times         []int64
}

// groups splits times, none of which is in the set, by the spans between them.
func (s Spans) groups(times []int64) (groups []group) {
	for len(times) > 0 {
		before, after := s.Around(times[0])
		n := 1
		for n < len(times) && (after == 0 || times[n] < after) {
			n++
		}
		groups = append(groups, group{before, after, times[:n]})
		times = times[n:]
	}
	return groups
}
