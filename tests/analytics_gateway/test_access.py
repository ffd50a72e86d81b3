import pytest

from analytics_gateway.access import require_analyst
from common.errors import NotAllowed
from common.roles import Caller, Role
from tests.support.factories import HELPDESK, USER


def test_helpdesk_may_analyse():
    require_analyst(HELPDESK)


@pytest.mark.parametrize("caller", [USER, Caller(Role.HELPDESK, scope="tickets:read")])
def test_users_and_services_may_not_analyse(caller):
    with pytest.raises(NotAllowed, match="analyse"):
        require_analyst(caller)
