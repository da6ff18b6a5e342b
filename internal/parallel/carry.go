package parallel

import (
	"fmt"
	"runtime/debug"
)

// Carry calls work, and returns what hands its outcome on to another goroutine:
// its result, or its panic with the place where it happened. Go ends a program for
// a panic that leaves a goroutine, with an exit code of its own.
func Carry[T any](work func() T) (outcome func() T) {
	defer func() {
		if fault := recover(); fault != nil {
			text := fmt.Sprintf("%v\n%s", fault, debug.Stack())
			outcome = func() T { panic(text) }
		}
	}()
	result := work()
	return func() T { return result }
}
