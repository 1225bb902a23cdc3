"""Who helps when something went wrong."""

from shop.support.article import Article
from shop.support.team import Team
from shop.support.ticket import Message, Rating, Ticket, TicketState

__all__ = ["Article", "Message", "Rating", "Team", "Ticket", "TicketState"]
