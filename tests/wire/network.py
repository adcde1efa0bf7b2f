"""A network between two programs that can be cut: nothing is refused, nothing arrives.

    wire = Wire(port)         listens on wire.port, goes on to port
    wire.set_cut(True)        nothing passes in either direction
    wire.hold_answers(True)   what comes back stays on the way; what is sent arrives
    wire.drop()               all connections are lost
    wire.stop()
"""
import select
import socket
import threading


class Wire:
    def __init__(self, port):
        self.to = port
        self.is_cut = self.is_holding = self.is_over = self.is_dropping = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.tell, self.told = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        near, far = {}, {}  # each end of a connection: the other one
        while not self.is_over:
            if self.is_dropping:
                self.is_dropping = False
                for sock in (*near, *far):
                    sock.close()
                near, far = {}, {}
            watched = [self.told]
            if not self.is_cut:
                watched += [self.listener, *near] + ([] if self.is_holding else [*far])
            for sock in select.select(watched, [], [])[0]:
                if sock is self.told:
                    self.told.recv(1)
                elif sock is self.listener:
                    self.join(near, far)
                elif sock in near:
                    self.pass_on(sock, near, far)
                elif sock in far:
                    self.pass_on(sock, far, near)
        for sock in (*near, *far, self.listener, self.told):
            sock.close()

    def join(self, near, far):
        sock = self.listener.accept()[0]
        try:
            other = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            sock.close()
            return
        near[sock], far[other] = other, sock

    @staticmethod
    def pass_on(sock, here, there):
        try:
            data = sock.recv(65536)
            if data:
                here[sock].sendall(data)
                return
        except OSError:
            pass
        other = here.pop(sock)
        del there[other]
        sock.close()
        other.close()

    def _change(self, **facts):
        self.__dict__.update(facts)
        self.tell.send(b"x")

    def set_cut(self, is_cut):
        self._change(is_cut=is_cut)

    def hold_answers(self, is_holding):
        self._change(is_holding=is_holding)

    def drop(self):
        self._change(is_dropping=True)

    def stop(self):
        self._change(is_over=True)
        self.thread.join()
        self.tell.close()


def port_of(endpoint):
    """Of "tcp://127.0.0.1:7010"."""
    return int(endpoint.rpartition(":")[2])
