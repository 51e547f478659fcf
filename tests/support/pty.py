"""Runs a program in a terminal of its own: pty.py COLUMNS ROWS ANSWERS PROGRAM [ARG]...

What the program writes goes to standard output, and lines of JSON to standard error: {"pid"} at
the start and {"status", "echo", "canonical"} at the end, with how it left the terminal. Lines on
standard input say what to do: {"type": "text"} on the keyboard, {"size": [columns, rows]},
{"stall": true} to read nothing any more, {"mute": true} to answer nothing any more. If ANSWERS is 1, the terminal answers to DSR, as real
ones do.
"""
import fcntl, json, os, select, struct, sys, termios

columns, rows, answers = (int(arg) for arg in sys.argv[1:4])
terminal, program_side = os.openpty()


def resize(columns, rows):
    fcntl.ioctl(program_side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def tell(**what):
    print(json.dumps(what), file=sys.stderr, flush=True)


resize(columns, rows)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(program_side, termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(program_side, number)
    os.closerange(3, 100)
    os.execvp(sys.argv[4], sys.argv[4:])
tell(pid=pid)

inputs, status, lines, tail = [terminal, 0], None, b"", b""
while True:
    ready, _, _ = select.select(inputs, [], [], 0.02)
    if terminal in ready:
        output = os.read(terminal, 65536)
        os.write(1, output)
        asked = tail + output
        for _ in range(asked.count(b"\x1b[5n") if answers else 0):
            os.write(terminal, b"\x1b[0n")
        tail = asked[-3:]
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            inputs.remove(0)
        *complete, lines = (lines + data).split(b"\n")
        for line in complete:
            command = json.loads(line)
            if "type" in command:
                os.write(terminal, command["type"].encode())
            if "size" in command:
                resize(*command["size"])
            if "mute" in command:
                answers = 0
            if "stall" in command:
                inputs.remove(terminal)
    if status is not None and terminal not in ready:
        break
    if status is None:
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(code)

flags = termios.tcgetattr(program_side)[3]
tell(status=status, echo=bool(flags & termios.ECHO), canonical=bool(flags & termios.ICANON))
