package engine

// ProbeBytes is what CheckWrite writes after a failure, at least.
const ProbeBytes = probeBytes

// MaxTries is how often a work is run at most.
const MaxTries = maxTries

// NoteFailure makes CheckWrite believe that the last commit has failed.
func (l *Lanes[W]) NoteFailure(err error) { l.lastErr.Store(&err) }

// LastFailure is why the last commit failed; nil after one that worked.
func (l *Lanes[W]) LastFailure() error {
	if err := l.lastErr.Load(); err != nil {
		return *err
	}
	return nil
}
