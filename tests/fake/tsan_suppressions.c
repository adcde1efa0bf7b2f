/* libzmq orders its threads by lock-free pipes that ThreadSanitizer cannot see
 * into (the library is not instrumented): what passes through it looks unordered.
 * libstdc++ is used by nothing else here. Our own code is not suppressed. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return "called_from_lib:libzmq.so\ncalled_from_lib:libstdc++.so\n";
}
