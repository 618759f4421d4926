"""What people ordered through the admin socket, and what of it must therefore be so.

An order that was acknowledged lives until its end was acknowledged. What had no answer may have been
done or not: the next list tells, and from then on it is known.
"""

import http.client
import threading

from admin import ask

LIVES, ENDED, MAYBE = "lives", "ended", "maybe"


class Ledger:
    """Gives and ends orders, and keeps account; for several threads."""

    def __init__(self, socket):
        self._socket = socket
        self._lock = threading.Lock()
        # A list is compared with what was known when it was asked for.
        self._one_call = threading.Lock()
        self._orders = {}  # by number: (state, order)
        self._unanswered = {}  # orders that had no answer, by their reasons
        self.acknowledged = self.refused = self.unanswered = self.checks = 0
        self.faults = []

    # What people do

    def give(self, order):
        """Gives an order with a reason that no other one has; true when that was acknowledged."""
        with self._one_call:
            return self._give(order)

    def _give(self, order):
        replaced = self._replaced_by(order)
        with self._lock:
            self._unanswered[order["reason"]] = order
        status, answer = self._post("/api/v1/orders", order)
        with self._lock:
            if status is None:
                return False
            del self._unanswered[order["reason"]]
            # An order that was refused replaces nothing.
            self._settle(replaced, ENDED if status == 200 else LIVES)
            if status == 200:
                self._orders[answer["order"]["id"]] = (LIVES, order)
        return status == 200

    def end(self, number):
        """Ends an order; true when that was acknowledged."""
        with self._one_call:
            with self._lock:
                self._settle([number], MAYBE)
            status, _ = self._post("/api/v1/orders/end", {"order": number})
            with self._lock:
                # 404: it had ended, by an end that had no answer.
                if status in (200, 404):
                    self._settle([number], ENDED)
            return status == 200

    def _post(self, path, body):
        try:
            status, answer = ask(self._socket, "POST", path, body)
        except (OSError, http.client.HTTPException, ValueError):
            self.unanswered += 1
            return None, None
        if status == 200:
            self.acknowledged += 1
        else:
            self.refused += 1
            if status not in (404, 503):
                self.faults.append("%s %s: %s %s" % (path, body, status, answer))
        return status, answer

    def _replaced_by(self, order):
        """Numbers of weights that this one stands in place of, which nobody knows for now."""
        with self._lock:
            numbers = [number for number, (state, other) in self._orders.items()
                       if state != ENDED and order["action"] == other["action"] == "weight" and
                       order["server"] == other["server"]]
            self._settle(numbers, MAYBE)
            return numbers

    def _settle(self, numbers, state):
        for number in numbers:
            self._orders[number] = (state, self._orders[number][1])

    # What must be so

    def check(self):
        """Compares with all that the master lists."""
        with self._one_call:
            self._compare()

    def _compare(self):
        status, answer = ask(self._socket, "GET", "/api/v1/orders")
        if status != 200:
            raise OSError("the orders: status %d" % status)
        listed = {order["id"]: order for order in answer["orders"]}
        with self._lock:
            self.checks += 1
            for number, (state, order) in list(self._orders.items()):
                self._check(number, state, order, listed.get(number))
            for number in set(listed) - set(self._orders):
                order = self._unanswered.pop(listed[number]["reason"], None)
                if order is None:
                    self.faults.append("nobody gave %s" % listed[number])
                else:
                    self._orders[number] = (LIVES, order)
            # What is not listed by now was not done, and will not be.
            self._unanswered.clear()

    def _check(self, number, state, order, found):
        if state == MAYBE:
            self._orders[number] = (LIVES if found else ENDED, order)
        elif state == LIVES and not found:
            self.faults.append("order %d was acknowledged, and is lost: %s" % (number, order))
        elif state == ENDED and found:
            self.faults.append("order %d ended, and is back: %s" % (number, order))
        elif found and any(found.get(key) != order[key] for key in order):
            self.faults.append("order %d became another: %s, %s" % (number, order, found))

    def living(self):
        """Orders by number of which it is known that they live."""
        with self._lock:
            return {number: order for number, (state, order) in self._orders.items()
                    if state == LIVES}
